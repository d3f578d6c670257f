"""Conducts a run: lets everybody connect, has them send as the scenario says, waits for stragglers, ends it.

It is Locust's load shape, so Locust's web UI, its headless runs and its distributed ones all start it in
their own way: `tick` is called once a second and answers how many users there shall be; None ends the test.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final

import msgspec
from locust import LoadTestShape

from .fan_out import LastReceivers
from .history import Kind
from .meter import Meter
from .scenarios import scenario_named
from .stage import CUE, PART, PHASE, PLAN, TOLD, WANT_PART, WANT_PLAN, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from locust.env import Environment
    from locust.rpc.protocol import Message
    from locust.runners import Runner

    from .fan_out import Notes
    from .meter import Increment
    from .population import Plan
    from .recorder import Recorder

_RECENT: Final = 5
"""Increments, of one second each, that the progress line looks at."""


class Conductor(LoadTestShape):
    """The one place that knows how far the run has got."""

    def __init__(self, plan: Plan, recorder: Recorder) -> None:
        """Conduct `plan`; what only this place can measure goes to `recorder`."""
        super().__init__()  # type: ignore[no-untyped-call] # Locust's is not annotated
        self.settings = plan.settings
        self.total = Meter()
        """Everything that was measured in this run."""
        self.recent: deque[Meter] = deque(maxlen=_RECENT)
        """What was measured in each of the last seconds."""
        self.window = Meter()
        """What was measured since a scenario last asked for a new one."""
        self.findings: dict[str, object] = {}
        """What the scenario found out, for the report."""
        self.phase = Phase.GATHERING
        self.told: Counter[str] = Counter()
        """How many users have come so far, by what they told."""
        self.told_at: dict[str, float] = {}
        """When the last of them told it."""
        self.failure = ""
        """Why the run is worth nothing; empty where it is."""
        self._plan = plan
        self._recorder = recorder
        self._given = 0
        self.interrupted = False
        """Whether somebody wants it to end before its time."""
        self._began = time.monotonic()
        self._course: Iterator[None] | None = None
        self._last_receivers = LastReceivers(plan.population.sizes(), self._everyone_has)

    def attach(self, runner: Runner) -> None:
        """Answer what users ask through this runner."""
        runner.register_message(WANT_PLAN, self._give_plan)
        runner.register_message(WANT_PART, self._give_part)
        runner.register_message(TOLD, self._take_told)

    # What Locust asks.

    def tick(self) -> tuple[int, float] | None:
        """Go on by a second; None once the run is over."""
        if self._course is None:
            self._course = self._conduct()
        if next(self._course, self) is self:
            return None
        return self.settings.users, self.settings.spawn_rate

    def _conduct(self) -> Iterator[None]:
        yield from self._gather()
        if not self.failure:
            self.enter(Phase.SENDING)
            for _ in scenario_named(self.settings.scenario).course(self):
                if self.interrupted or self._crashed():
                    break
                yield
        patience = self.settings.patience
        self.enter(Phase.DRAINING)
        yield from self._until(lambda: self.told["drained"] >= self._given, patience + 5)
        self.enter(Phase.SETTLING)
        yield from self._until(lambda: self.told["settled"] >= self._given, patience + 5)

    def _gather(self) -> Iterator[None]:
        everybody = self.settings.users
        yield from self._until(lambda: self.told["ready"] >= everybody, self.settings.stragglers)
        if self.told["ready"] < everybody and not self.interrupted:
            self.failure = self.failure or (
                f"Only {self.told['ready']} of {everybody} users were online after "
                f"{self.settings.stragglers:g} s: see the errors of `connect`, or give them --stragglers."
            )

    def _until(self, holds: Callable[[], bool], seconds: float) -> Iterator[None]:
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            if self.phase is Phase.GATHERING and (self.interrupted or self._crashed()):
                return
            yield

    def _crashed(self) -> bool:
        assert self.runner is not None  # noqa: S101 - for the type checker
        if self.runner.exceptions and not self.failure:
            said = next(iter(self.runner.exceptions.values()))["msg"]
            self.failure = f"A user failed in a way that nobody expected: {said}"
        return bool(self.failure)

    def interrupt(self) -> None:
        """End the sending now; what was sent is still waited for and judged."""
        self.interrupted = True

    # What scenarios ask of the run.

    @property
    def elapsed(self) -> float:
        """Seconds in the present phase."""
        return time.monotonic() - self._began

    @property
    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        return time.monotonic()

    def new_window(self) -> None:
        """Forget what was measured in the window."""
        self.window = Meter()

    def enter(self, phase: Phase) -> None:
        """Tell all users how far the run has got."""
        self.phase = phase
        self._began = time.monotonic()
        self._send(PHASE, int(phase))

    def cue(self, cue: str) -> None:
        """Give all users a cue that their scenario knows."""
        self._send(CUE, {"cue": cue})

    def set_rate(self, rate: float) -> None:
        """Have so many messages sent each second from now on."""
        self._send(CUE, {"cue": "rate", "rate": rate})

    # What processes report.

    def second(self) -> None:
        """Begin another second of what is recent."""
        self.recent.append(Meter())

    def reported(self, client_id: str, data: Mapping[str, Any]) -> None:  # noqa: ARG002 - Locust's signature
        """Take in what a worker adds to its reports."""
        self.take(*data["parley"])

    def take(self, increment: Increment, notes: Notes) -> None:
        """Take in what one process has seen since its last report."""
        for meter in (self.total, self.window, *list(self.recent)[-1:]):
            meter.add(increment)
        self._last_receivers.add(notes)

    def _everyone_has(self, due: int, sent: int, last: int) -> None:
        self._recorder.measured(Kind.LAST_RECEIVER, due, sent, end=last)

    # Messages.

    def _send(self, what: str, data: object, client_id: str | None = None) -> None:
        assert self.runner is not None  # noqa: S101 - for the type checker
        self.runner.send_message(what, data, client_id)

    def _give_plan(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002 - Locust's signature
        self._send(PLAN, msgspec.json.encode(self._plan).decode(), msg.node_id)

    def _give_part(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002
        self._send(PART, self._given, msg.node_id)
        self._given += 1

    def _take_told(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002
        self.told[msg.data] += 1
        self.told_at[msg.data] = time.monotonic()
