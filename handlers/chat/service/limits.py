"""Limits how often a user does something, across all environments: each leases a few times from one bucket.

A user's bucket stands in a table as GCRA, the generic cell rate algorithm, has it: one number, the
theoretical arrival time, up to which what was taken is paid for. An environment takes several times at once,
uses them up while the lease is good, and writes nothing meanwhile.

What was leased before a stretch of time may be used within it. So the bucket holds less than the burst, by
what flows into it during a lease, and no stretch of time sees more than rate * its length + burst, whatever
the environments. One leases at most twice as many as it has just used up, so however many there are, nobody
is refused anything below half the rate.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

from chat.errors import ChatError

if TYPE_CHECKING:
    from chat.ports.clock import Clock
    from chat.ports.limits import Buckets

LEASE_MOST = 10
"""Times that one lease is good for at most, but for a request that needs more by itself."""
LEASE_SECONDS = 60.0
"""Seconds for which a lease is good at most."""
REMEMBERED_USERS = 10_000
"""Users whose leases an environment keeps: about 2 MB. Who is forgotten loses what was left of a lease."""
_SECOND = 1_000_000
"""Microseconds: buckets count in them."""


class Limit(msgspec.Struct, frozen=True):
    """How often a user may do something."""

    name: str
    rate: float
    """Times a second, for as long as one likes."""
    burst: int
    """Times at once on top."""

    def __post_init__(self) -> None:
        """Refuse a limit that lets nothing pass; ValueError."""
        if self.rate <= 0 or self.burst < 1:
            raise ValueError(f"The limit {self.name!r} needs a rate above 0 and a burst of at least 1")

    @classmethod
    def parse(cls, name: str, text: str) -> Limit:
        """Read `rate/burst`, such as `0.5/30`; ValueError for anything else."""
        rate, _, burst = text.partition("/")
        return cls(name, float(rate), int(burst))

    @property
    def capacity(self) -> float:
        """Times that the bucket holds: the burst, but for what flows in during a lease."""
        return max(1.0, self.burst / 2, self.burst - self.rate * LEASE_SECONDS)

    @property
    def lease_seconds(self) -> float:
        """Seconds for which a lease is good."""
        return min(LEASE_SECONDS, (self.burst - self.capacity) / self.rate)

    @property
    def interval(self) -> int:
        """Microseconds in which the bucket gains one time."""
        return math.ceil(_SECOND / self.rate)


class _Lease(msgspec.Struct):
    """What an environment may let pass of one user's without asking; times are in microseconds."""

    left: int = 0
    until: int = 0
    size: int = 0
    """How many times it was for."""
    arrival: int = 0
    """The bucket's theoretical arrival time as last seen: it stands there, or later."""


class Limiter:
    """Counts what users do against one limit."""

    def __init__(self, buckets: Buckets, limit: Limit, clock: Clock) -> None:
        """Keep users to `limit`, by the `buckets` that all environments share."""
        self._buckets = buckets
        self._limit = limit
        self._clock = clock
        self._leases: OrderedDict[str, _Lease] = OrderedDict()

    def __call__(self, user_id: str, times: int = 1) -> None:
        """Let the user do it so many times now.

        Args:
            user_id: who.
            times: how many times, the limit's capacity at most.

        Raises:
            ChatError: `too_many_requests`, with how long to wait.
        """
        now = int(self._clock.now() * _SECOND)
        lease = self._leases[user_id] = self._leases.pop(user_id, _Lease())
        if len(self._leases) > REMEMBERED_USERS:
            self._leases.popitem(last=False)
        if now > lease.until:
            lease.left = lease.size = 0
        if lease.left < times:
            self._extend(user_id, lease, times - lease.left, now)
        lease.left -= times

    def _extend(self, user_id: str, lease: _Lease, needed: int, now: int) -> None:
        """Lease what is needed, or twice as much as the last time where that was used up in time."""
        interval, capacity = self._limit.interval, int(self._limit.capacity * self._limit.interval)
        wanted = max(needed, min(LEASE_MOST, 2 * lease.size, int(self._limit.capacity)))
        while True:
            there = (now + capacity - max(now, lease.arrival)) // interval
            if there < needed:
                wait = max(now, lease.arrival) + needed * interval - capacity - now
                raise ChatError("too_many_requests", retry_after_ms=math.ceil(wait / 1_000))
            taken = min(wanted, there)
            arrival = self._buckets.take(f"{self._limit.name}#{user_id}", taken * interval, now, capacity)
            if arrival is None:
                break
            lease.arrival = arrival
        lease.left += taken
        lease.size = taken
        lease.until = now + int(self._limit.lease_seconds * _SECOND)
