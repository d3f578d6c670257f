"""What was done in a run, by whom and with which answer: what the verdict is held against."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a device took from its user."""

    device: str
    sender_id: str
    chat_id: str
    id: str
    text: str
    at: float
    """When, by this process's clock."""


@dataclass(frozen=True, slots=True)
class Altered:
    """An edit, a deletion or a reaction that was asked for."""

    kind: str
    chat_id: str
    seq: int
    by: str
    """The user id."""
    value: str | None
    """The text or the emoji that was asked for."""
    number: int | None
    """The change that answered; None where no answer says whether it happened."""


@dataclass(eq=False, slots=True)
class Moved:
    """Somebody's coming or going that was asked for."""

    inwards: bool
    chat_id: str
    user_id: str
    asked: float
    answered: float = math.inf
    """Infinite where no answer says whether it happened."""


@dataclass(slots=True)
class Record:
    """Everything that was asked for, in the order of its answers."""

    until: float
    """When the acting may end, by this process's clock."""
    kinds: frozenset[str]
    """Of what something is to be done at any rate, however slow the machine."""
    sent: list[Sent] = field(default_factory=list)
    altered: list[Altered] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    """What must not have happened, and did while the run went on."""

    @property
    def is_over(self) -> bool:
        """Whether the time to act is over, and something of every kind was done."""
        return time.monotonic() >= self.until and self.kinds <= self.actions.keys()

    def summary(self) -> str:
        """Say how much was done of what, and how often something was refused, as it may be."""
        return (
            f"{self.actions.total()} actions: {_counts(self.actions)}\n"
            f"{len(self.sent)} messages, {len(self.altered)} alterations, {len(self.moved)} moves\n"
            f"refused: {_counts(self.refusals) or 'nothing'}"
        )

    def absences(self, chat_id: str, user_id: str) -> list[tuple[float, float]]:
        """Give the times in which the user certainly was no member, once having been one.

        A removal beside which an addition was under way says nothing: either may have come last.
        """
        moves = [move for move in self.moved if (move.chat_id, move.user_id) == (chat_id, user_id)]
        coming = [move for move in moves if move.inwards]
        return [
            (
                gone.answered,
                min((come.asked for come in coming if come.asked > gone.answered), default=math.inf),
            )
            for gone in moves
            if not gone.inwards
            and gone.answered < math.inf
            and not any(come.asked <= gone.answered and come.answered >= gone.asked for come in coming)
        ]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())
