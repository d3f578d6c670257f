"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """The system's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()
