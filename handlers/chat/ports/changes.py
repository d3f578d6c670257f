"""The logs of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.changes import ChangePage, Effect
    from chat.domain import Change


class Changes(Protocol):
    """The logs of changes of all chats. Reads are strongly consistent."""

    def tail(self, chat_id: str) -> int:
        """The number of the chat's last change, 0 when there is none."""

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """Write a change and its effects at once; False when its number or a version was not as thought."""

    def after(self, chat_id: str, number: int, limit: int) -> ChangePage:
        """Up to `limit` (at most 100) changes that follow `number`; a message that is gone is left out."""
