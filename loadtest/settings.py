"""What a run is to do: said on the command line or in the environment, the same for all its processes."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .history import Workload


class Arrivals(StrEnum):
    """How the messages of an open workload are spread over time."""

    CONSTANT = "constant"
    """At even distances."""
    POISSON = "poisson"
    """At random distances with the rate as their mean, as people who know nothing of each other would."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A run, as the command line says it. Durations are in seconds of the run."""

    scenario: str
    target: str = "embedded"
    users: int = 50
    duration: float = 60.0
    """How long is sent; the time until everybody is connected, and the wait for stragglers, come on top."""
    rate: float | None = None
    """Messages a second over all users, however slow the answers are; None: each user waits for the ack."""
    arrivals: Arrivals = Arrivals.CONSTANT
    think: float = 5.0
    """In a closed workload: the mean pause between an ack and the same user's next message."""
    size: int = 10
    """Members of each group."""
    messages: int = 1_000
    """How many messages `backlog` has wait for each who was away."""
    rounds: int = 3
    """How often `storm` cuts everybody off, and `backlog` sends everybody away."""
    p99_limit: float | None = None
    """Milliseconds from send to delivered at the 99th percentile: a run that takes longer fails; `ramp` looks
    for the highest rate that does not."""
    step: float = 10.0
    """How long `ramp` measures at each rate."""
    compress: float = 60.0
    """How many seconds of a user's day `soak` has in each second."""
    file_bytes: int = 100_000
    """The size of each file of `media`."""
    seed: int = 1
    """Of all that is random in what users do: think times, texts, whom they write to."""
    patience: float = 30.0
    """How long after the last send the run waits for what has not been delivered."""
    spawn_rate: float = 50.0
    """Users that come each second, at the beginning."""
    stragglers: float = 120.0
    """How long the run waits for everybody to be connected before anything is sent."""

    @property
    def workload(self) -> Workload:
        """Who decides when the next message is due."""
        return Workload.CLOSED if self.rate is None else Workload.OPEN
