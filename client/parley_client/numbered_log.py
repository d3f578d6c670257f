"""Order: a chat's messages or changes come in any order, any number of times, and leave in sequence, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from .values import Change, Message

if TYPE_CHECKING:
    from collections.abc import Iterable

EARLY_LIMIT = 1_000
"""Entries kept that came before their turn; what comes beyond is fetched when its turn is there."""

_Entry = TypeVar("_Entry", Message, Change)


class NumberedLog(Generic[_Entry]):
    """How far a log was delivered, and what came before its turn."""

    __slots__ = ("_early", "cursor", "known")

    def __init__(self, cursor: int = 0) -> None:
        """Start after entry `cursor`."""
        self.cursor = cursor
        """Every entry up to this number was delivered, or is not to be had."""
        self.known = cursor
        """The highest number that is known to be taken."""
        self._early: dict[int, _Entry] = {}

    @property
    def has_gap(self) -> bool:
        """Whether an entry is known to exist that has not been delivered."""
        return self.known > self.cursor

    def note(self, number: int) -> None:
        """Remember that entry `number` exists."""
        self.known = max(self.known, number)

    def skip_to(self, number: int) -> None:
        """Go on after `number`: what lies before is not to be had."""
        if number > self.cursor:
            self.cursor = number
            self.note(number)
            self._early = {early: entry for early, entry in self._early.items() if early > number}

    def receive(self, entries: Iterable[_Entry]) -> list[_Entry]:
        """Take entries in and return those whose turn has come, in order, each in its latest version."""
        for entry in entries:
            number = _number(entry)
            if number <= self.cursor:
                continue
            self.note(number)
            known = self._early.get(number)
            if known is None and len(self._early) >= EARLY_LIMIT and number > self.cursor + 1:
                continue
            if known is None or _version(entry) > _version(known):
                self._early[number] = entry
        ready = []
        while (following := self._early.pop(self.cursor + 1, None)) is not None:
            self.cursor += 1
            ready.append(following)
        return ready


def _number(entry: Message | Change) -> int:
    return entry.seq if isinstance(entry, Message) else entry.number


def _version(entry: Message | Change) -> int:
    return entry.change if isinstance(entry, Message) else entry.number
