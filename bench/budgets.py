"""The budgets: what each promises, in which unit, where its limit is, and whether a value keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Budget:
    """One promise."""

    name: str
    """By which ``--only`` and the JSON know it."""
    promise: str
    unit: str
    """Of its value: ``x`` for a ratio, ``s``, ``ms``, ``KB``."""
    limit: float
    at_least: bool = False
    """Whether the limit is the least that is allowed; otherwise it is the most."""

    @property
    def wanted(self) -> str:
        """The limit in words."""
        return f"{'>=' if self.at_least else '<='} {self.limit:g} {self.unit}"

    def keeps(self, value: float) -> bool:
        """Whether a value is within the budget."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """A budget and what was measured."""

    budget: Budget
    value: float
    measured: str
    """What the value comes from, in words for the table."""
    figures: Mapping[str, float | Sequence[float]] = field(default_factory=dict)
    """Everything that was measured for it, by name, for the JSON."""

    @property
    def kept(self) -> bool:
        """Whether the budget is kept."""
        return self.budget.keeps(self.value)


THROUGHPUT: Final = Budget(
    "throughput", "acked direct messages/s, 50 connections, over MiniStack's", "x", 10, at_least=True
)
LATENCY: Final = Budget("latency", "send to delivery p50, one sender, over MiniStack's", "x", 0.2)
SHARE: Final = Budget("share", "localcloud's own share of a message, p50, handler excluded", "ms", 1.5)
EFFICIENCY: Final = Budget(
    "efficiency",
    "messages/s over those of the handler called in a loop, same DynamoDB",
    "x",
    0.6,
    at_least=True,
)
START: Final = Budget("start", "ready to accept after start", "s", 2)
RELOAD: Final = Budget("reload", "a saved handler answers, p50 from the save", "s", 1)
STORM_ACCEPTED: Final = Budget(
    "storm", "connect storm: share of the connections that is open and answers", "x", 1, at_least=True
)
STORM_MEMORY: Final = Budget("storm", "memory of a connection in localcloud", "KB", 60)
HISTORY: Final = Budget("history", "last 50 of a chat with 50,000 messages over one with 100", "x", 2)
GROWTH_SEND: Final = Budget("growth", "send to ack p50, grown over empty", "x", 2)
GROWTH_READ: Final = Budget("growth", "last 50 p50, grown over empty", "x", 2)
