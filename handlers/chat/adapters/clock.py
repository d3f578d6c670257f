"""The system's time."""

from __future__ import annotations

import time


class SystemClock:
    """Serves `ports.Clock`."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)
