"""The HTTP API's bodies and queries about chats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from chat.domain import Chat, ChatId, UserId
from chat.protocol.values import DEFAULT_PAGE, PageSize


class CreateChat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /chats."""

    kind: Literal["direct"]
    user_id: UserId


class ChatsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /chats: `cursor` is the `next` of the page before."""

    cursor: ChatId | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE


class ChatsBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /chats: a page of the caller's chats, and the cursor of the next page if there is one."""

    chats: Sequence[Chat]
    next: str | UnsetType = UNSET
