"""How many requests came lately, by whatever rate-based rules aggregate them by."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from localcloud.interfaces import Clock

_MOST_KEYS = 10_000
"""As many as AWS WAF follows for one rule; beyond this, those are forgotten whose window has passed."""


class Rates:
    """Counts requests exactly, where AWS WAF estimates: a limit holds from the first request beyond it."""

    def __init__(self, clock: Clock) -> None:
        """Count by this clock, from nothing."""
        self._clock = clock
        self._times: defaultdict[tuple[Hashable, int], deque[float]] = defaultdict(deque)

    def count(self, key: Hashable, window_seconds: int) -> int:
        """Note a request now; how many there were of this key within the window, with this one."""
        if len(self._times) >= _MOST_KEYS:
            self._forget()
        times = self._times[key, window_seconds]
        times.append(self._clock.now())
        self._expire(times, window_seconds)
        return len(times)

    def _forget(self) -> None:
        for key, times in list(self._times.items()):
            self._expire(times, key[1])
            if not times:
                del self._times[key]

    def _expire(self, times: deque[float], window_seconds: int) -> None:
        oldest = self._clock.now() - window_seconds
        while times and times[0] <= oldest:
            times.popleft()
