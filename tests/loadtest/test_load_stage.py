"""The stage: users wait there, and go on as soon as the conductor says something that concerns them."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import gevent
import msgspec
import pytest

from harness.outputs import Outputs
from loadtest.population import Person, Plan, Population
from loadtest.settings import Settings
from loadtest.stage import CUE, PART, PHASE, PLAN, TOLD, WANT_PART, WANT_PLAN, Phase, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3_600_000_000_000
PATIENCE = 60.0


class FakeRunner:
    """Locust's messages, as a stage sends and gets them."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.sent: list[tuple[str, object]] = []
        self._listeners: dict[str, Callable[..., None]] = {}

    def register_message(self, what: str, listener: Callable[..., None]) -> None:
        """Keep who listens."""
        self._listeners[what] = listener

    def send_message(self, what: str, data: object = None) -> None:
        """Keep what is said."""
        self.sent.append((what, data))

    def say(self, what: str, data: object) -> None:
        """Be the conductor."""
        self._listeners[what](environment=None, msg=SimpleNamespace(data=data))


@pytest.fixture
def runner() -> FakeRunner:
    """Give the stage's side of Locust."""
    return FakeRunner()


@pytest.fixture
def stage(runner: FakeRunner) -> Stage:
    """Give a stage."""
    untyped: Any = runner
    return Stage(untyped, lambda _: None)


def result_of(greenlet: Any) -> object:
    """Wait for what a user does; an error where it does not end."""
    return greenlet.get(timeout=PATIENCE)


def test_user_gets_the_plan_and_a_part(runner: FakeRunner, stage: Stage) -> None:
    """Both are asked for; who waits for them goes on when they come."""
    outputs = Outputs("ws", "http", "web", "pool", "client", "us-east-1")
    plan = Plan(Settings(scenario="direct", rate=5.0), outputs, Population((Person("ann", "ann", ()),)))
    stage.ask()
    waits = [gevent.spawn(stage.plan), gevent.spawn(stage.part)]
    gevent.sleep()
    assert runner.sent == [(WANT_PLAN, None), (WANT_PART, None)]
    runner.say(PLAN, msgspec.json.encode(plan).decode())
    runner.say(PART, 7)
    assert [result_of(wait) for wait in waits] == [plan, 7]
    assert stage.rate == 5.0


def test_pause_ends_with_the_sending(runner: FakeRunner, stage: Stage) -> None:
    """Nobody has to sit out an hour when the run is over."""
    runner.say(PHASE, int(Phase.SENDING))
    pause = gevent.spawn(stage.pause_until, time.monotonic_ns() + HOUR)
    gevent.sleep()
    runner.say(PHASE, int(Phase.DRAINING))
    assert result_of(pause) is False


def test_wait_for_a_turn_ends_when_the_rate_changes(runner: FakeRunner, stage: Stage) -> None:
    """The next turn may be due long before the one that was waited for."""
    runner.say(PHASE, int(Phase.SENDING))
    pause = gevent.spawn(stage.pause_until, time.monotonic_ns() + HOUR)
    gevent.sleep()
    runner.say(CUE, {"cue": "rate", "rate": 80.0})
    assert result_of(pause) is True
    assert stage.rate == 80.0


def test_cue_is_counted_and_told_to_those_who_listen(runner: FakeRunner, stage: Stage) -> None:
    """A cue that came before somebody waits for it is not lost."""
    heard: list[str] = []
    stage.listeners.append(heard.append)
    runner.say(PHASE, int(Phase.SENDING))
    runner.say(CUE, {"cue": "drop"})
    assert heard == ["drop"]
    assert stage.wait_for_cue("drop", 1) is True
    second = gevent.spawn(stage.wait_for_cue, "drop", 2)
    gevent.sleep()
    assert not second.ready()
    runner.say(CUE, {"cue": "drop"})
    assert result_of(second) is True
    stage.tell("back")
    assert runner.sent == [(TOLD, "back")]
