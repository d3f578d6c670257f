"""AWS's side of the simulation: API Gateway's token buckets, Lambda's environments and how fast they grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from loadtest.capacity.quotas import load_quotas


def _quota(name: str) -> float:
    return load_quotas().of(name).value


class TokenBucket:
    """Refills at `rate` a second up to `burst`; begins full.

    An amount passes as a whole where there is any token, and what is missing is owed: batches of users make
    the same rate as users one by one, in larger steps.
    """

    def __init__(self, rate: float, burst: float) -> None:
        """Begin full at time 0."""
        self.rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = 0.0

    def take(self, now: float, amount: float = 1) -> bool:
        """Let an amount pass, or refuse it."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens <= 0:
            return False
        self._tokens -= amount
        return True


@dataclass(slots=True)
class Account:
    """What all functions share."""

    concurrency: float = field(default_factory=lambda: _quota("lambda.concurrency"))
    running: int = 0
    """Environments that are serving, of all functions."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Environments that serve an amount of invocations for some seconds."""

    environments: int
    seconds: float
    """Until the invocations end, cold starts among them."""


class Function:
    """A function's environments.

    Each serves one invocation at a time. Where none is idle one more starts, which takes a cold start and one
    of the 1,000 that the function may gain in 10 s; they are refilled continuously and never more than 1,000
    ("Lambda scaling behavior"). What finds neither is throttled.
    """

    def __init__(self, account: Account, seconds: float, cold_seconds: float) -> None:
        """Have no environment yet.

        Args:
            account: whose concurrency is used.
            seconds: an invocation's duration where an environment is idle.
            cold_seconds: what starting one adds.
        """
        scaling = _quota("lambda.scaling")
        self._account = account
        self._seconds = seconds
        self._cold = cold_seconds
        self._idle = 0
        self._growth = TokenBucket(scaling / 10, scaling)
        self.environments = 0
        """That there are, serving or idle."""

    def invoke(self, now: float, amount: int, window: float = 0.0) -> Grant | None:
        """Begin so many invocations, spread over a window of seconds; None where they are throttled.

        Whoever gets a grant calls `end` when its seconds are over.
        """
        wanted = self._wanted(amount, self._seconds, window)
        cold = wanted > self._idle
        if cold:
            wanted = self._wanted(amount, self._seconds + self._cold, window)
        started = max(0, wanted - self._idle)
        if self._account.running + wanted > self._account.concurrency:
            return None
        if started and not self._growth.take(now, started):
            return None
        self._idle -= wanted - started
        self._account.running += wanted
        self.environments += started
        return Grant(wanted, max(window, self._seconds + (self._cold if cold else 0.0)))

    def end(self, grant: Grant) -> None:
        """The invocations are over; their environments stay."""
        self._account.running -= grant.environments
        self._idle += grant.environments

    @staticmethod
    def _wanted(amount: int, seconds: float, window: float) -> int:
        """As many environments where they come at once, fewer where they follow one another."""
        return amount if window <= seconds else ceil(amount * seconds / window)
