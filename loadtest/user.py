"""The Locust user: plays one person of the population through the phases of a run."""

from __future__ import annotations

import os
import time
from random import Random
from typing import TYPE_CHECKING, ClassVar, TypeVar

from geventhttpclient.client import HTTPClientPool
from locust import User, task
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import StopUser

from parley_client.errors import AuthenticationFailed, NotReachable, RequestRefused

from .device import Device
from .history import Kind
from .processes import PASSWORD
from .rest import Rest
from .scenarios import scenario_named
from .settings import Arrivals
from .stage import Phase
from .stamps import clock_name
from .turns import open_turns, think_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parley_client.values import Attachment, AttachmentDraft

    from .fan_out import Arrivals as Notes
    from .recorder import Recorder
    from .stage import Stage

_Answer = TypeVar("_Answer")
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
        self.device.returned = self._returned
        self.stage.listeners.append(self._cued)
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
        except Exception as error:  # whatever it was, the run must learn of it
            hook = self.environment.events.user_error
            hook.fire(user_instance=self, exception=error, tb=error.__traceback__)
            raise StopUser from error
        finally:
            self.device.close()
            self.stage.tell("settled")
        raise StopUser

    def on_stop(self) -> None:
        """Leave, in whichever phase."""
        if hasattr(self, "device"):
            self.device.close()

    def _cued(self, cue: str) -> None:
        if cue == "drop":
            self.device.drop()

    def _returned(self) -> None:
        self.stage.tell("returned")

    # What scenarios ask of a user.

    def pause(self, seconds: float) -> bool:
        """Wait so long; return whether sending goes on."""
        return self.stage.pause(seconds)

    def wait_for_cue(self, cue: str, count: int) -> bool:
        """Wait until the run has given a cue so often; return whether sending goes on."""
        return self.stage.wait_for_cue(cue, count)

    def tell(self, what: str) -> None:
        """Tell the run that one more user has come so far."""
        self.stage.tell(what)

    def read_history(self, chat_id: str) -> None:
        """Fetch a page of a chat's history, as if scrolling back."""
        before = self.device.cursors.get(chat_id, 0) + 1
        self._measure(Kind.HISTORY_PAGE, lambda: self.rest.messages(chat_id, before))

    def upload(self, chat_id: str) -> AttachmentDraft | None:
        """Upload a file for a chat; None where that failed, which is counted."""
        content = b"%PDF-1.7\n" + self.random.randbytes(self.settings.file_bytes)
        return self._measure(
            Kind.UPLOAD, lambda: self.rest.upload(chat_id, content, "load.pdf", "application/pdf")
        )

    def download(self, chat_id: str, file: Attachment) -> None:
        """Download a file of a chat; where that fails, it is counted."""
        self._measure(Kind.DOWNLOAD, lambda: self.rest.download(chat_id, file))

    def _measure(self, kind: Kind, call: Callable[[], _Answer]) -> _Answer | None:
        """Make a call, and note how long it took or why it failed; None where it did."""
        began = time.monotonic_ns()
        try:
            answer = call()
        except (AuthenticationFailed, NotReachable, RequestRefused) as error:
            code = error.code if isinstance(error, RequestRefused) else type(error).__name__
            self.recorder.measured(kind, began, began, code)
            return None
        self.recorder.measured(kind, began, began)
        return answer

    def turns(self, think: float | None = None) -> Iterator[int]:
        """Yield when each message of this user is due, as soon as it is, until sending is over."""
        if not self.person.writes:
            self.stage.wait_for(Phase.DRAINING)
        elif self.stage.rate is None:
            yield from self._closed_turns(self.settings.think if think is None else think)
        else:
            writers = [number for number, person in enumerate(self.plan.population.people) if person.writes]
            yield from open_turns(
                self.stage,
                self.random,
                place=writers.index(self.number),
                writers=len(writers),
                arrivals=Arrivals(self.settings.arrivals),
            )

    def _closed_turns(self, think: float) -> Iterator[int]:
        while self.pause(think_time(self.random, think)):
            yield time.monotonic_ns()
            while self.device.unacked and self.stage.phase is Phase.SENDING:
                self.device.wait(1.0)


def http_pool() -> HTTPClientPool:
    """Return the HTTP connections that all users of a process share."""
    return HTTPClientPool(concurrency=_HTTP_CONNECTIONS, network_timeout=60, connection_timeout=60)
