"""What happened in a simulation, second by second, and percentiles of what took how long."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Series:
    """Amounts by the second in which they happened."""

    seconds: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, at: float, amount: float) -> None:
        """Something happened so often."""
        self.seconds[int(at)] += amount

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.seconds.values())

    def every(self, step: int, end: float) -> list[tuple[int, float]]:
        """Amounts a second, averaged over steps of so many seconds, up to an end."""
        sums: defaultdict[int, float] = defaultdict(float)
        for second, amount in self.seconds.items():
            sums[second // step * step] += amount / step
        return [(start, sums[start]) for start in range(0, int(end) + 1, step)]


@dataclass(slots=True)
class Durations:
    """How long something took, each with how often it did."""

    values: list[tuple[float, float]] = field(default_factory=list)

    def add(self, seconds: float, amount: float) -> None:
        """It took so long, so often."""
        self.values.append((seconds, amount))

    def percentiles(self, shares: Sequence[float]) -> list[float]:
        """The seconds below which these shares (0 to 1) lie.

        Raises:
            ValueError: nothing happened.
        """
        if not self.values:
            raise ValueError("There is no percentile of nothing.")
        ordered = sorted(self.values)
        sums = list(accumulate(amount for _, amount in ordered))
        return [ordered[min(len(sums) - 1, bisect_left(sums, share * sums[-1]))][0] for share in shares]
