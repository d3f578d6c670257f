"""What is left of users' limits."""

from __future__ import annotations

from typing import Protocol


class Buckets(Protocol):
    """What is left of users' limits, by GCRA: a bucket is an arrival time, and full once that is over."""

    def take(self, bucket: str, amount: int, now: int, capacity: int) -> int | None:
        """Take an amount out of a bucket that holds `capacity` when full, if there is as much in it.

        Args:
            bucket: whose, and of which limit.
            amount: how much, in microseconds of what flows in.
            now: microseconds since the epoch.
            capacity: in microseconds of what flows in.

        Returns:
            None when it was taken, else the bucket's arrival time, in microseconds since the epoch.
        """
