"""One chat's order: messages arrive in any order, any number of times, and leave in sequence, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .frames import Message


class ChatLog:
    """How far a chat was delivered, and the messages that came before their turn."""

    __slots__ = ("_early", "_known", "cursor")

    def __init__(self, cursor: int = 0) -> None:
        """Start after message `cursor`."""
        self.cursor = cursor
        """Every message up to this number was delivered."""
        self._known = cursor
        self._early: dict[int, Message] = {}

    @property
    def has_gap(self) -> bool:
        """Whether a message is known to exist that has not been delivered."""
        return self._known > self.cursor

    def note(self, seq: int) -> None:
        """Remember that message `seq` exists."""
        self._known = max(self._known, seq)

    def receive(self, messages: Iterable[Message]) -> list[Message]:
        """Take messages in and return those whose turn has come, in order."""
        for message in messages:
            if message.seq > self.cursor:
                self._early.setdefault(message.seq, message)
                self.note(message.seq)
        ready = []
        while (following := self._early.pop(self.cursor + 1, None)) is not None:
            self.cursor += 1
            ready.append(following)
        return ready
