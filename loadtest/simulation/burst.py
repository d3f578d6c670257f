"""A burst of sends on AWS: cold starts, Lambda's growth, API Gateway's throttle, and the clients' retries.

Messages come at a rate that nobody's waiting lowers (an open load), in batches of ten milliseconds.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simpy

from loadtest.capacity.month import month_of
from loadtest.capacity.workload import Workload
from loadtest.simulation.aws import Account, Function, TokenBucket
from loadtest.simulation.storm import Gateway
from loadtest.simulation.timeline import Durations, Series
from parley_client.policy import Delays, Policy

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy.events import Event

TICK = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Messages a second, and when there are more."""

    usual: float
    burst: float
    """During the burst."""
    begins: float = 10.0
    lasts: float = 20.0
    ends: float = 60.0
    """When the last message is sent."""
    posts: float = 1.2
    """Devices that a message is posted to."""

    def rate(self, now: float) -> float:
        """Messages a second at a moment."""
        return self.burst if self.begins <= now < self.begins + self.lasts else self.usual


@dataclass(slots=True)
class BurstOutcome:
    """What became of the messages."""

    sent: Series = field(default_factory=Series)
    acked: Series = field(default_factory=Series)
    throttled: dict[str, Series] = field(default_factory=dict)
    """By what: "gateway", "functions", or "posts", which the queue repeats."""
    to_ack: defaultdict[int, Durations] = field(default_factory=lambda: defaultdict(Durations))
    """By the second in which a message was sent: seconds until its ack, retries among them."""
    environments: list[tuple[float, int]] = field(default_factory=list)

    def percentiles(self, share: float) -> list[tuple[int, float]]:
        """Seconds until the ack, of the messages of each second."""
        return [(second, took.percentiles([share])[0]) for second, took in sorted(self.to_ack.items())]


class Burst:
    """One burst; `run` it once."""

    def __init__(
        self,
        load: Load,
        *,
        seed: int,
        gateway: Gateway | None = None,
        seconds: float | None = None,
        cold_start: float = 0.4,
        round_trip: float = 0.05,
        concurrency: float | None = None,
    ) -> None:
        """Prepare.

        Args:
            load: when how many messages come.
            seed: of every random delay.
            gateway: its quotas; None: AWS's.
            seconds: that a send's invocation lasts; None: as the capacity model has it.
            cold_start: seconds that an environment's start adds.
            round_trip: seconds between a client and the region.
            concurrency: of all functions; None: AWS's quota.
        """
        self._random = random.Random(seed)  # noqa: S311 - a simulation
        self._delays = Delays(Policy(), self._random.random)
        self._load = load
        gateway = gateway or Gateway()
        self._requests = TokenBucket(gateway.requests, gateway.request_burst)
        account = Account() if concurrency is None else Account(concurrency)
        self._send = Function(account, seconds or _modelled(), cold_start)
        self._round_trip = round_trip
        self._environment = simpy.Environment()
        self.outcome = BurstOutcome()

    def run(self) -> BurstOutcome:
        """Simulate until the last message is acked."""
        self._environment.process(self._arrivals())
        self._environment.run()
        return self.outcome

    def _arrivals(self) -> Generator[Event, object, None]:
        """Messages as they come; a fraction is owed to the next tick."""
        owed = 0.0
        while self._environment.now < self._load.ends:
            owed += self._load.rate(self._environment.now) * TICK
            if messages := int(owed):
                owed -= messages
                self._environment.process(self._message(messages))
            self.outcome.environments.append((self._environment.now, self._send.environments))
            yield self._environment.timeout(TICK)

    def _message(self, messages: int) -> Generator[Event, object, None]:
        """A batch from the send to its ack."""
        began, attempt = self._environment.now, 0
        self.outcome.sent.add(began, messages)
        while True:
            why = "gateway"
            if self._requests.take(self._environment.now, messages):
                grant = self._send.invoke(self._environment.now, messages, window=TICK)
                why = "functions"
                if grant is not None:
                    break
            self._throttled(why, messages)
            delay = self._round_trip + self._delays.before_retry(attempt)
            yield self._environment.timeout(delay)
            attempt += 1
        yield self._environment.timeout(grant.seconds)
        self._send.end(grant)
        if not self._requests.take(self._environment.now, messages * self._load.posts):
            self._throttled("posts", messages * self._load.posts)
        yield self._environment.timeout(self._round_trip)
        self.outcome.acked.add(self._environment.now, messages)
        self.outcome.to_ack[int(began)].add(self._environment.now - began, messages)

    def _throttled(self, why: str, amount: float) -> None:
        self.outcome.throttled.setdefault(why, Series()).add(self._environment.now, amount)


def _modelled() -> float:
    """Seconds that a send to a direct chat lasts."""
    month = month_of(Workload())
    return month.busy["sendDirect"] / month.operations["sendDirect"]
