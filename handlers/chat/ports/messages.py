"""The logs of messages, and the purge of what is old in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Message, Page


class Messages(Protocol):
    """The logs of all chats. Reads are strongly consistent."""

    def put(self, chat_id: str, message: Message) -> bool:
        """Write a message at its number unless that is taken; whether it was written."""

    def get(self, chat_id: str, seq: int) -> Message | None:
        """The message with this number."""

    def after(self, chat_id: str, seq: int, limit: int) -> Page:
        """Up to `limit` messages that follow `seq`."""

    def before(self, chat_id: str, seq: int, limit: int) -> Page:
        """Up to `limit` messages that precede `seq`, the nearest ones, in ascending order."""


class Retention(Protocol):
    """Chats to be purged, and the removal of what is too old."""

    def chats(self, shard: str, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` chats of a shard, by their ids, from the first that follows `after`."""

    def purge(self, chat_id: str, seqs: Sequence[int]) -> None:
        """Remove these messages of a chat; those that are gone already are passed over."""
