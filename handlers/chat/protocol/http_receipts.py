"""The HTTP API's bodies about how far the caller has got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from chat.domain import Mark, Seq


class SetWatermarks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of PUT /chats/{chatId}/watermarks: one of the two, or both; neither goes back."""

    delivered_seq: Seq | UnsetType = UNSET
    read_seq: Seq | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a body that marks nothing."""
        if self.delivered_seq is UNSET and self.read_seq is UNSET:
            raise ValueError("One of `deliveredSeq` and `readSeq` is needed")

    @property
    def marks(self) -> Mapping[Mark, int]:
        """Which watermarks are to stand where."""
        named: dict[Mark, int | UnsetType] = {"delivered": self.delivered_seq, "read": self.read_seq}
        return {mark: seq for mark, seq in named.items() if seq is not UNSET}


class Unread(msgspec.Struct, frozen=True, rename="camel"):
    """How much of a chat is unread: exact, since numbers have no holes."""

    chat_id: str
    last_seq: int
    read_seq: int
    unread: int


class UnreadBody(msgspec.Struct, frozen=True, kw_only=True):
    """Answers GET /unread: all of the caller's chats, and the sum."""

    total: int
    chats: Sequence[Unread]
