"""The last receiver: how long a message takes until every other member of its chat has it.

Members are played by several processes. Each notes how many of its devices a message has reached and when
the last of them; the notes are added up in one place, which sees when nobody is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .stamps import Stamp

Notes: TypeAlias = "dict[str, tuple[str, int, int, int, int]]"
"""By message id: chat, when it was due, when it was sent, how many it reached, when the last of them."""


class Arrivals:
    """What one process has seen since it was last asked."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._notes: Notes = {}

    def note(self, chat_id: str, message_id: str, stamp: Stamp, at: int) -> None:
        """Another device was shown a message."""
        _, _, _, count, _ = self._notes.get(message_id, ("", 0, 0, 0, 0))
        self._notes[message_id] = (chat_id, stamp.due, stamp.sent, count + 1, at)

    def take(self) -> Notes:
        """Return what was noted, and begin anew."""
        taken, self._notes = self._notes, {}
        return taken


class LastReceivers:
    """Adds up the notes of all processes."""

    def __init__(self, sizes: Mapping[str, int], everyone_has: Callable[[int, int, int], None]) -> None:
        """Call `everyone_has` with when it was due, sent and last shown, for chats of three and more.

        Of two, the last receiver is the only one, whom `send to delivered` has already.
        """
        self._sizes = {chat_id: size for chat_id, size in sizes.items() if size > 2}  # noqa: PLR2004
        self._everyone_has = everyone_has
        self._waiting: dict[str, tuple[int, int]] = {}

    def add(self, notes: Notes) -> None:
        """Take in what one process has seen."""
        for message_id, (chat_id, due, sent, count, last) in notes.items():
            if (size := self._sizes.get(chat_id)) is None:
                continue
            earlier, latest = self._waiting.pop(message_id, (0, 0))
            if earlier + count >= size - 1:
                self._everyone_has(due, sent, max(latest, last))
            else:
                self._waiting[message_id] = (earlier + count, max(latest, last))
