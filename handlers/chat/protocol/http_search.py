"""The HTTP API's bodies and queries about searching messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.domain import ChatId, Message
from chat.protocol.values import Cursor

HITS_LIMIT = 50
"""Messages in one answer to a search."""
DEFAULT_HITS = 20

Sought = Annotated[str, Meta(min_length=2, max_length=64, pattern=r"\S")]
HitCount = Annotated[int, Meta(ge=1, le=HITS_LIMIT)]


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /search: `cursor` is the `next` of the answer before, to the same `q` and `chatId`."""

    q: Sought
    chat_id: ChatId | UnsetType = UNSET
    cursor: Cursor | UnsetType = UNSET
    limit: HitCount = DEFAULT_HITS


class Hit(msgspec.Struct, frozen=True, rename="camel"):
    """A message that was found."""

    chat_id: str
    message: Message


class SearchBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /search: what was found, the newest first; where `next` is, there is more to search."""

    hits: Sequence[Hit]
    next: str | UnsetType = UNSET
