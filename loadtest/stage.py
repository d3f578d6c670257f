"""What the users of one process share: the plan, the phase of the run, the rate, the cues of the conductor.

The conductor (`conductor.py`) is in the master, or in the only process. They talk by Locust's own messages
between nodes, which a run in one process hands over in place.
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import msgspec
from gevent.event import Event
from gevent.queue import SimpleQueue

from .population import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.env import Environment
    from locust.rpc.protocol import Message
    from locust.runners import Runner

WANT_PLAN: Final = "want-plan"
PLAN: Final = "plan"
WANT_PART: Final = "want-part"
PART: Final = "part"
TOLD: Final = "told"
PHASE: Final = "phase"
CUE: Final = "cue"


class Phase(IntEnum):
    """How far a run has got."""

    GATHERING = 0
    """Users come and connect."""
    SENDING = 1
    """Users do what the scenario says."""
    DRAINING = 2
    """Nobody sends; what was sent is acked and delivered."""
    SETTLING = 3
    """Everybody looks whether something is lacking, and leaves."""


class Stage:
    """One process's view of the run; users wait here."""

    def __init__(self, runner: Runner, begins: Callable[[Plan], None]) -> None:
        """Listen to the conductor through this runner; call `begins` with the plan before users get it."""
        self.phase = Phase.GATHERING
        self.rate: float | None = None
        """Messages a second over all users; None: each waits for the ack."""
        self.began = 0
        """When sending began, or when the rate last changed: the schedule's zero."""
        self.cues: dict[str, int] = {}
        """How often each cue was given."""
        self.listeners: list[Callable[[str], None]] = []
        """Who is to be told of a cue at once; no listener may block."""
        self._runner = runner
        self._begins = begins
        self._plan: Plan | None = None
        self._parts: SimpleQueue[int] = SimpleQueue()
        self._news = Event()
        runner.register_message(PLAN, self._take_plan)
        runner.register_message(PART, self._take_part)
        runner.register_message(PHASE, self._take_phase)
        runner.register_message(CUE, self._take_cue)

    # What users ask.

    def ask(self) -> None:
        """Ask the conductor for the plan."""
        self._send(WANT_PLAN)

    def plan(self) -> Plan:
        """Return the plan, once it is known."""
        while self._plan is None:
            self.wait()
        return self._plan

    def part(self) -> int:
        """Return the number of a person whom nobody plays yet."""
        self._send(WANT_PART)
        return self._parts.get()

    def tell(self, what: str) -> None:
        """Tell the conductor that one more user has come so far."""
        self._send(TOLD, what)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the conductor says something, at most so many seconds."""
        self._news.wait(None if seconds is None else max(0.0, seconds))

    def wait_for(self, phase: Phase) -> None:
        """Wait until the run has got so far."""
        while self.phase < phase:
            self.wait()

    def pause(self, seconds: float) -> bool:
        """Wait so long; return whether sending goes on."""
        return self.pause_until(time.monotonic_ns() + int(seconds * 1e9))

    def pause_until(self, due: int) -> bool:
        """Wait until the clock says so or the rate changes; return whether sending goes on."""
        began = self.began
        while self.phase is Phase.SENDING and self.began == began and (left := due - time.monotonic_ns()) > 0:
            self.wait(left / 1e9)
        return self.phase is Phase.SENDING

    def wait_for_cue(self, cue: str, count: int) -> bool:
        """Wait until a cue was given so often; return whether sending goes on."""
        while self.phase is Phase.SENDING and self.cues.get(cue, 0) < count:
            self.wait()
        return self.phase is Phase.SENDING

    # What the conductor says.

    def _send(self, what: str, data: object = None) -> None:
        self._runner.send_message(what, data)

    def _take_plan(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002 - Locust's signature
        self._plan = msgspec.json.decode(msg.data, type=Plan)
        self.rate = self._plan.settings.rate
        self._begins(self._plan)
        self._wake()

    def _take_part(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002
        self._parts.put(msg.data)

    def _take_phase(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002
        self.phase = Phase(msg.data)
        self.began = time.monotonic_ns()
        self._wake()

    def _take_cue(self, environment: Environment, msg: Message) -> None:  # noqa: ARG002
        said: dict[str, Any] = msg.data
        self.cues[said["cue"]] = self.cues.get(said["cue"], 0) + 1
        if said["cue"] == "rate":
            self.rate = said["rate"]
            self.began = time.monotonic_ns()
        for listener in self.listeners:
            listener(said["cue"])
        self._wake()

    def _wake(self) -> None:
        """Wake all who wait now, and have those who wait next wait for the next news."""
        news, self._news = self._news, Event()
        news.set()
