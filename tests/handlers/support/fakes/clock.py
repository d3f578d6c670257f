"""A clock that is set."""

from __future__ import annotations

START = 1_800_000_000.0
"""The time at which fake clocks start, in seconds since the epoch."""


class FakeClock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> float:
        """The time set."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move on by so much, and remember it."""
        self.slept.append(seconds)
        self.time += seconds
