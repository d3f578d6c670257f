"""Provisioned capacity: how much a table or an index takes, and how auto scaling follows its use. No I/O.

The rules are those of DynamoDB's developer guide (burst capacity, auto scaling) and of the alarms that
auto scaling makes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from math import ceil
from typing import Final, Literal

BURST_SECONDS: Final = 300
"""Unused capacity of so many seconds is kept for a burst."""
RAISE_MINUTES: Final = 2
"""Auto scaling raises after so many minutes above its target."""
LOWER_MINUTES: Final = 15
"""It lowers after so many minutes below its target by :data:`LOWER_BELOW`."""
LOWER_BELOW: Final = 0.2

Kind = Literal["Read", "Write"]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose capacity it is."""

    table: str
    index: str
    """Empty for the table itself."""
    kind: Kind


@dataclass(frozen=True, slots=True)
class Scaling:
    """Between which bounds auto scaling keeps a capacity, and at which share of it the use."""

    least: int
    most: int
    target: float
    """0 to 1."""

    def units_for(self, use: float) -> int:
        """The units that a use in units a second is the target share of."""
        return min(self.most, max(self.least, ceil(use / self.target)))


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is provisioned."""

    units: int
    """A second."""
    scaling: Scaling | None = None
    """None where it is fixed."""


class Meter:
    """What one capacity has left, and how it was used."""

    def __init__(self, capacity: Capacity, now: float) -> None:
        """Begin with the units of a second: nothing has been left unused yet."""
        self.capacity = capacity
        self._left = float(capacity.units)
        self._refilled = now
        self._minute = int(now // 60)
        self._consumed = 0.0
        self._uses: deque[float] = deque(maxlen=LOWER_MINUTES)
        """Units a second of the last minutes in which there was any use."""

    def has_some(self, now: float) -> bool:
        """Whether a request is let in; what it takes is known only afterwards, and may be more."""
        self._refill(now)
        return self._left > 0

    def take(self, units: float) -> None:
        """Take what a request consumed."""
        self._left -= units
        self._consumed += units

    def scaled(self, now: float) -> Capacity:
        """What auto scaling makes of the capacity at this time; the same where there is nothing to do."""
        minute = int(now // 60)
        if minute != self._minute:
            self._note(self._consumed / 60, idle=minute - self._minute - 1)
            self._minute, self._consumed = minute, 0.0
        scaling = self.capacity.scaling
        if scaling is None or not (self._must_be_raised(scaling) or self._may_be_lowered(scaling)):
            return self.capacity
        return replace(self.capacity, units=scaling.units_for(max(list(self._uses)[-RAISE_MINUTES:])))

    def provide(self, capacity: Capacity, now: float) -> None:
        """Go on with another capacity; what was saved up for a burst stays."""
        if capacity.units != self.capacity.units:
            self._refill(now)
            self._uses.clear()
        self.capacity = capacity

    def _refill(self, now: float) -> None:
        units = self.capacity.units
        self._left = min(self._left + (now - self._refilled) * units, float(BURST_SECONDS * units))
        self._refilled = now

    def _note(self, use: float, *, idle: int) -> None:
        """A minute without any use is no data, neither for raising nor for lowering."""
        if idle or not use:
            self._uses.clear()
        if use and not idle:
            self._uses.append(use)

    def _must_be_raised(self, scaling: Scaling) -> bool:
        last = list(self._uses)[-RAISE_MINUTES:]
        return len(last) == RAISE_MINUTES and min(last) > scaling.target * self.capacity.units

    def _may_be_lowered(self, scaling: Scaling) -> bool:
        below = (scaling.target - LOWER_BELOW) * self.capacity.units
        return len(self._uses) == LOWER_MINUTES and max(self._uses) < below
