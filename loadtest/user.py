"""The Locust user: plays one person of the population through the phases of a run."""

from __future__ import annotations

import os
import time
from random import Random
from typing import TYPE_CHECKING, ClassVar

from geventhttpclient.client import HTTPClientPool
from locust import User, task
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import StopUser

from .device import Device
from .processes import PASSWORD
from .rest import Rest
from .scenarios import scenario_named
from .settings import Arrivals
from .stage import Phase
from .stamps import clock_name
from .turns import open_turns, think_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fan_out import Arrivals as Notes
    from .recorder import Recorder
    from .stage import Stage

_HTTP_CONNECTIONS = 200
"""To one address from one process, at once."""


class ChatUser(User):
    """A person with one device; what the person does is the scenario's."""

    stage: ClassVar[Stage]
    recorder: ClassVar[Recorder]
    arrivals: ClassVar[Notes]
    pool: ClassVar[HTTPClientPool]
    """All four are shared by the users of a process, which sets them."""

    device: Device
    rest: Rest

    def on_start(self) -> None:
        """Become somebody, sign in, and be online."""
        self.plan = self.stage.plan()
        self.settings = self.plan.settings
        self.number = self.stage.part()
        self.person = self.plan.population.people[self.number]
        self.random = Random(f"{self.settings.seed}/{self.number}")  # noqa: S311 - repeatable on purpose
        http = FastHttpSession(
            None, self.environment.events.request, self, insecure=False, client_pool=self.pool
        )
        self.rest = Rest(http, self.plan.outputs, self.person.username, os.environ[PASSWORD])
        self.device = Device(
            self.person,
            self.rest,
            self.plan.outputs.web_socket_url,
            self.recorder,
            self.arrivals,
            self.random,
            clock_name(),
        )
        self.device.start()
        while not self.device.level:
            self.device.wait()
        self.stage.tell("ready")

    @task
    def take_part(self) -> None:
        """Go through the phases of the run; then stay away until Locust stops this user."""
        try:
            self.stage.wait_for(Phase.SENDING)
            scenario_named(self.settings.scenario).act(self)
            self.stage.wait_for(Phase.DRAINING)
            self.device.drain(self.settings.patience)
            self.stage.tell("drained")
            self.stage.wait_for(Phase.SETTLING)
            self.device.settle(self.settings.patience)
        finally:
            self.device.close()
            self.stage.tell("settled")
        raise StopUser

    def on_stop(self) -> None:
        """Leave, in whichever phase."""
        if hasattr(self, "device"):
            self.device.close()

    # What scenarios ask of a user.

    def pause(self, seconds: float) -> bool:
        """Wait so long; return whether sending goes on."""
        return self.stage.pause(seconds)

    def turns(self) -> Iterator[int]:
        """Yield when each message of this user is due, as soon as it is, until sending is over."""
        if not self.person.writes:
            self.stage.wait_for(Phase.DRAINING)
        elif self.stage.rate is None:
            yield from self._closed_turns()
        else:
            writers = [number for number, person in enumerate(self.plan.population.people) if person.writes]
            yield from open_turns(
                self.stage,
                self.random,
                place=writers.index(self.number),
                writers=len(writers),
                arrivals=Arrivals(self.settings.arrivals),
            )

    def _closed_turns(self) -> Iterator[int]:
        while self.pause(think_time(self.random, self.settings.think)):
            yield time.monotonic_ns()
            while self.device.unacked and self.stage.phase is Phase.SENDING:
                self.device.wait(1.0)


def http_pool() -> HTTPClientPool:
    """Return the HTTP connections that all users of a process share."""
    return HTTPClientPool(concurrency=_HTTP_CONNECTIONS, network_timeout=60, connection_timeout=60)
