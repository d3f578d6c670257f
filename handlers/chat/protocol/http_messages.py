"""The HTTP API's bodies and queries about messages."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from chat.domain import ChatId, Emoji, Seq, Text
from chat.protocol.values import DEFAULT_PAGE, Drafts, PageSize, require_distinct_ids, require_one_place


class PostMessages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /chats/{chatId}/messages."""

    after: Seq
    messages: Drafts

    def __post_init__(self) -> None:
        """Refuse a body that repeats an id."""
        require_distinct_ids(self.messages)


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /chats/{chatId}/messages; means what it means in getMessages."""

    after: Seq | UnsetType = UNSET
    before: Seq | UnsetType = UNSET
    around: Seq | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE

    def __post_init__(self) -> None:
        """Refuse two places."""
        require_one_place(self.after, self.before, self.around)


class MessagePath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The path of a route about one message."""

    chat_id: ChatId
    seq: Seq


class PatchMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH /chats/{chatId}/messages/{seq}."""

    text: Text


class PutReaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT /chats/{chatId}/messages/{seq}/reaction."""

    emoji: Emoji
