"""One time for all processes of a run: those of another machine are brought to the first one's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .history import Run


class CommonClock:
    """Nanoseconds of the first process's monotonic clock.

    Processes of one machine share it. Another machine's is set beside it by what both took for the wall
    clock's time, so such times are as far off as the two wall clocks are from each other.
    """

    def __init__(self) -> None:
        """Take the first run's clock for the common one."""
        self._first: Run | None = None
        self._offset = 0

    def enter(self, run: Run) -> None:
        """The times that follow are of this process."""
        self._first = self._first or run
        self._offset = 0
        if run.clock != self._first.clock:
            apart = (run.wall - self._first.wall) * 1_000_000_000
            self._offset = int(apart) - (run.at - self._first.at)

    def time(self, at: int) -> int:
        """Bring a time of the present process to the common clock."""
        return at + self._offset
