"""Users' limits in memory, as GCRA defines them."""

from __future__ import annotations


class FakeBuckets:
    """Theoretical arrival times, as GCRA defines them, and how many takes there were."""

    def __init__(self) -> None:
        self.arrivals: dict[str, int] = {}
        self.writes = 0

    def take(self, bucket: str, amount: int, now: int, capacity: int) -> int | None:
        """Take, if there is as much."""
        self.writes += 1
        arrival = max(self.arrivals.get(bucket, 0), now)
        if arrival + amount > now + capacity:
            return arrival
        self.arrivals[bucket] = arrival + amount
        return None
