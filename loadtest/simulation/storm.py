"""A reconnect storm: everybody has lost the connection at one moment, and comes back by the client's policy.

What a client does is parley_client's: a ticket by HTTP, then the WebSocket, and after any refusal the delay
of `Delays.before_reconnect` and both again; once connected, a sync and a listing. Large storms are simulated
in batches of users who draw the same delays: ten thousand batches take a minute where the quota lets
everybody in within half an hour. A batch of a thousand takes the quota's tokens in steps of two seconds.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import simpy

from loadtest.capacity.month import month_of
from loadtest.capacity.quotas import load_quotas
from loadtest.capacity.workload import Workload
from loadtest.simulation.aws import Account, Function, TokenBucket
from loadtest.simulation.timeline import Durations, Series
from parley_client.policy import Delays, Policy
from parley_client.tickets import GOOD_FOR

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy.events import Event

BATCHES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """API Gateway's quotas in a second."""

    connects: float = field(default_factory=lambda: load_quotas().of("websocket.connects").value)
    connect_burst: float | None = None
    """How many may come at one instant: not published; None: those of one second, as localcloud has it."""
    requests: float = field(default_factory=lambda: load_quotas().of("apigateway.requests").value)
    request_burst: float = field(default_factory=lambda: load_quotas().of("apigateway.burst").value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds that things take where nothing is in their way."""

    round_trip: float = 0.05
    """Between a client and the region: an assumption."""
    ticket: float
    authorize: float
    connect: float
    sync: float
    listing: float
    cold_start: float = 0.4
    """An environment's start: an assumption, from 75 ms of imports on a core and a third of one there."""

    @classmethod
    def modelled(cls, chats: float = 20) -> Times:
        """What the capacity model says of the invocations."""
        month = month_of(Workload(chats=chats))
        named = {
            "ticket": "ticket",
            "authorize": "authorize",
            "connect": "connect",
            "sync": "sync",
            "listing": "listChats",
        }
        return cls(**{ours: month.busy[theirs] / month.operations[theirs] for ours, theirs in named.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A computer that serves one client after the other, as a laptop does and AWS does not; in seconds."""

    ticket: float
    """That a ticket takes it."""
    refusal: float
    """That a refused upgrade takes it."""
    connection: float
    """That all else of a connection takes it."""


@dataclass(slots=True)
class Outcome:
    """What a storm did."""

    users: int
    batch: int
    connected: Series = field(default_factory=Series)
    refused: dict[str, Series] = field(default_factory=dict)
    """By what refused: "tickets" (API Gateway), "functions" (Lambda), "connects" (API Gateway)."""
    to_connected: Durations = field(default_factory=Durations)
    to_level: Durations = field(default_factory=Durations)
    """Until the chats are listed and what was missed is fetched."""
    attempts: int = 0
    asked_for_tickets: int = 0
    """Requests for a ticket, refused ones too."""
    environments: int = 0
    """Of all functions, at the end."""

    @property
    def seconds(self) -> float:
        """Until the last was connected."""
        return max(seconds for seconds, _ in self.to_connected.values)

    def refusals(self) -> dict[str, float]:
        """How often clients were refused, by what refused them."""
        return {why: series.total for why, series in self.refused.items()}


class Storm:
    """One storm; `run` it once."""

    def __init__(
        self,
        users: int,
        *,
        seed: int,
        gateway: Gateway | None = None,
        times: Times | None = None,
        concurrency: float | None = None,
        policy: Policy | None = None,
        batches: int = BATCHES,
        first_delay: bool = True,
        keep_tickets: bool = False,
        machine: Machine | None = None,
    ) -> None:
        """Prepare.

        Args:
            users: who come back, each with one device.
            seed: of every random delay.
            gateway: its quotas; None: AWS's.
            times: how long everything takes; None: as modelled.
            concurrency: of all functions; None: AWS's quota.
            policy: the client's.
            batches: into how many the users are divided at most.
            first_delay: whether the first attempt waits, as it does after a loss and not at a start.
            keep_tickets: whether a refused connect is repeated with its ticket, as parley_client does and
                browsers, which are not told why, cannot.
            machine: what everything runs on, where that bounds it; None: AWS.
        """
        self._random = random.Random(seed)  # noqa: S311 - a simulation
        self._delays = Delays(policy or Policy(), self._random.random)
        gateway = gateway or Gateway()
        self._times = times or Times.modelled()
        self._environment = simpy.Environment()
        burst = gateway.connects if gateway.connect_burst is None else gateway.connect_burst
        self._connects = TokenBucket(gateway.connects, burst)
        self._requests = TokenBucket(gateway.requests, gateway.request_burst)
        self._machine = machine
        self._turns = simpy.Resource(self._environment)
        account = Account() if concurrency is None else Account(concurrency)
        names = ("ticket", "authorize", "connect", "sync", "listing")
        self._functions = {
            name: Function(account, getattr(self._times, name), self._times.cold_start) for name in names
        }
        batch = max(1, ceil(users / batches))
        self._sizes = [min(batch, users - start) for start in range(0, users, batch)]
        self._first_delay = first_delay
        self._keep_tickets = keep_tickets
        self.outcome = Outcome(users, batch)

    def run(self) -> Outcome:
        """Simulate until everybody is back and level."""
        for size in self._sizes:
            self._environment.process(self._client(size))
        self._environment.run()
        self.outcome.environments = sum(each.environments for each in self._functions.values())
        return self.outcome

    def _client(self, users: int) -> Generator[Event, object, None]:
        """A batch of users from the loss to level."""
        attempt, ticket_until = 0, 0.0
        if self._first_delay:
            yield self._environment.timeout(self._delays.before_reconnect(attempt))
            attempt += 1
        while True:
            self.outcome.attempts += users
            why, ticket_until = yield from self._open(users, ticket_until)
            if not why:
                break
            self._refused(why, users)
            yield self._environment.timeout(self._delays.before_reconnect(attempt))
            attempt += 1
        self.outcome.connected.add(self._environment.now, users)
        self.outcome.to_connected.add(self._environment.now, users)
        for function in ("sync", "listing"):
            yield from self._repeated(users, function)
        self.outcome.to_level.add(self._environment.now, users)

    def _open(self, users: int, ticket_until: float) -> Generator[Event, object, tuple[str, float]]:
        """A ticket, unless one is good until later, and the WebSocket.

        Returns:
            What refused, or nothing; until when the ticket is good if it was not spent, else 0.
        """
        if self._environment.now >= ticket_until:
            if why := (yield from self._ask_for_ticket(users)):
                return why, 0.0
            ticket_until = self._environment.now + GOOD_FOR if self._keep_tickets else 0.0
        if not self._connects.take(self._environment.now, users):
            if self._machine:
                yield from self._served(self._machine.refusal * users)
            yield self._environment.timeout(self._times.round_trip)
            return "connects", ticket_until
        if self._machine:
            yield from self._served(self._machine.connection * users)
        for function in ("authorize", "connect"):
            if not (yield from self._invoked(users, function, round_trip=function == "connect")):
                return "functions", 0.0
        return "", 0.0

    def _ask_for_ticket(self, users: int) -> Generator[Event, object, str]:
        """What refused a ticket, or nothing."""
        self.outcome.asked_for_tickets += users
        if not self._requests.take(self._environment.now, users):
            yield self._environment.timeout(self._times.round_trip)
            return "tickets"
        if self._machine:
            yield from self._served(self._machine.ticket * users)
        return "" if (yield from self._invoked(users, "ticket")) else "functions"

    def _served(self, seconds: float) -> Generator[Event, object, None]:
        """Wait for the machine, and while it works."""
        with self._turns.request() as turn:
            yield turn
            yield self._environment.timeout(seconds)

    def _repeated(self, users: int, function: str) -> Generator[Event, object, None]:
        """A request that the client repeats until it is answered."""
        attempt = 0
        while True:
            if self._requests.take(self._environment.now, users):
                if (yield from self._invoked(users, function)):
                    return
                self._refused("functions", users)
            else:
                self._refused("requests", users)
            yield self._environment.timeout(self._delays.before_retry(attempt))
            attempt += 1

    def _invoked(self, users: int, name: str, *, round_trip: bool = True) -> Generator[Event, object, bool]:
        """Invocations of a function for each of the users, and the way there and back."""
        rate = self._connects.rate if name in ("authorize", "connect") else self._requests.rate
        function = self._functions[name]
        way = self._times.round_trip if round_trip else 0.0
        grant = function.invoke(self._environment.now, users, window=(users - 1) / rate)
        if grant is None:
            yield self._environment.timeout(way)
            return False
        yield self._environment.timeout(grant.seconds)
        function.end(grant)
        yield self._environment.timeout(way)
        return True

    def _refused(self, why: str, users: int) -> None:
        self.outcome.refused.setdefault(why, Series()).add(self._environment.now, users)
