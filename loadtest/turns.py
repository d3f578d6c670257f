"""When a user's messages are due: by the clock in an open workload, after the last ack in a closed one.

An open workload does not wait for a slow service: a turn that is late keeps the time at which it was due, and
latency is counted from there. So a stall is felt by all messages that were due meanwhile, as it would be by
people, and not by the one that met it alone (Gil Tene's "coordinated omission").
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from .settings import Arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_SPREAD = 0.8
"""Of the logarithms of think times: most are short and a few are long, as with people who write."""


class Schedule(Protocol):
    """What the turns are counted from."""

    rate: float | None
    began: int

    def pause_until(self, due: int) -> bool:
        """Wait until the clock says so or the rate changes; return whether sending goes on."""


def open_turns(
    schedule: Schedule, random: Random, *, place: int, writers: int, arrivals: Arrivals
) -> Iterator[int]:
    """Yield when each message is due, once it is; ends when sending does.

    Args:
        schedule: the rate over all writers, and since when.
        random: of this user.
        place: this user's number among the writers; their turns go round.
        writers: how many there are.
        arrivals: at even or at random distances.
    """
    began, rate, due = 0, 0.0, 0
    while True:
        if (schedule.began, schedule.rate) != (began, rate):
            began, rate = schedule.began, schedule.rate or 0.0
            due = began + _gap(rate, random, writers, arrivals, place / writers)
        if schedule.pause_until(due):
            if (schedule.began, schedule.rate) == (began, rate):
                yield due
                due += _gap(rate, random, writers, arrivals, 1.0)
        else:
            return


def _gap(rate: float, random: Random, writers: int, arrivals: Arrivals, share: float) -> int:
    """Return the nanoseconds between two turns of one user, or a share of them."""
    mean = writers / rate if rate else math.inf
    if math.isinf(mean):
        return 1 << 62
    seconds = random.expovariate(1 / mean) if arrivals is Arrivals.POISSON else mean * share
    return int(seconds * 1e9)


def think_time(random: Random, mean: float) -> float:
    """Return the seconds that a person lets pass before the next message: log-normal, with this mean."""
    return mean * random.lognormvariate(-_SPREAD * _SPREAD / 2, _SPREAD)
