"""Faults on purpose at an invocation: what the caller gets, and what the handler has done by then."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from localcloud.interfaces import Fault, FaultEffect, FaultPoint
from localcloud.observations import FunctionInvoked, LogWritten, Observation, Observations
from tests.localcloud.functions.functions_fakes import FakeControlPlane, execution_plane

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localcloud.functions import ExecutionPlane

WRITE = """
import os, pathlib
def handler(event, context):
    pathlib.Path(event).touch()
    return os.getpid()
"""


class OneFault:
    """A fault that the next point meets, if any is set."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self.points: list[FaultPoint] = []

    @property
    def armed(self) -> bool:
        """Whether one is set."""
        return self.fault is not None

    def strike(self, point: FaultPoint) -> Fault | None:
        """It, once."""
        self.points.append(point)
        fault, self.fault = self.fault, None
        return fault


@pytest.fixture
def faults() -> OneFault:
    """The fault to meet."""
    return OneFault()


@pytest.fixture
def seen() -> list[Observation]:
    """What was observed, without lines of logs."""
    return []


@pytest.fixture
async def plane(tmp_path: Path, faults: OneFault, seen: list[Observation]) -> AsyncIterator[ExecutionPlane]:
    """A plane with a function that makes the file that its event names."""
    control_plane = FakeControlPlane()
    control_plane.deploy("write", WRITE, Timeout=30)
    observations = Observations()
    observations.listen(lambda one: None if isinstance(one, LogWritten) else seen.append(one))
    async with execution_plane(control_plane, tmp_path, observations, faults) as plane:
        yield plane


@pytest.mark.parametrize(
    ("effect", "error_type", "done"),
    [
        (FaultEffect.CRASH_BEFORE, "Runtime.ExitError", False),
        (FaultEffect.CRASH_AFTER, "Runtime.ExitError", True),
        (FaultEffect.TIMEOUT, "Sandbox.Timedout", False),
        (FaultEffect.ERROR, "ServiceException", False),
    ],
)
async def test_fault_fails_one_invocation(
    plane: ExecutionPlane,
    faults: OneFault,
    tmp_path: Path,
    effect: FaultEffect,
    error_type: str,
    *,
    done: bool,
) -> None:
    """The invocation fails as it would on AWS, at once; the next one serves."""
    written = tmp_path / "written"
    await plane.invoke("write", json.dumps(str(tmp_path / "before")).encode())
    faults.fault = Fault("rule", effect, code="ServiceException")
    began = time.monotonic()
    failed = await plane.invoke("write", json.dumps(str(written)).encode())
    assert time.monotonic() - began < 10
    assert failed.function_error == "Unhandled"
    assert json.loads(failed.payload)["errorType"] == error_type
    assert written.exists() is done
    assert faults.points == [FaultPoint("lambda", "Invoke", "write")]
    assert (await plane.invoke("write", json.dumps(str(written)).encode())).function_error is None


async def test_fault_crash_ends_the_environment(
    plane: ExecutionPlane, faults: OneFault, tmp_path: Path
) -> None:
    """The next event is another process's."""
    event = json.dumps(str(tmp_path / "file")).encode()
    before = (await plane.invoke("write", event)).payload
    faults.fault = Fault("rule", FaultEffect.CRASH_AFTER)
    await plane.invoke("write", event)
    assert (await plane.invoke("write", event)).payload != before


async def test_fault_throttle_is_a_throttle(
    plane: ExecutionPlane, faults: OneFault, seen: list[Observation]
) -> None:
    """The caller gets what it gets beyond a concurrency limit, and the metrics count it."""
    faults.fault = Fault("rule", FaultEffect.THROTTLE)
    throttled = await plane.invoke("write", b'"file"')
    assert throttled.throttled
    assert seen == [FunctionInvoked("write", throttled.request_id, 0.0, None, "", throttled=True)]


async def test_fault_delay_runs_the_handler_late(
    plane: ExecutionPlane, faults: OneFault, tmp_path: Path
) -> None:
    """The handler runs, no sooner than said."""
    faults.fault = Fault("rule", FaultEffect.DELAY, delay_ms=50)
    began = time.monotonic()
    event = json.dumps(str(tmp_path / "file")).encode()
    assert (await plane.invoke("write", event)).function_error is None
    assert time.monotonic() - began >= 0.05


async def test_observations_tell_of_invocations_and_their_errors(
    plane: ExecutionPlane, seen: list[Observation], tmp_path: Path
) -> None:
    """The first invocation's start, and an error in one line."""
    first = await plane.invoke("write", json.dumps(str(tmp_path / "file")).encode())
    second = await plane.invoke("write", b"{}")
    cold, failed = seen
    assert isinstance(cold, FunctionInvoked)
    assert isinstance(failed, FunctionInvoked)
    assert (cold.request_id, cold.error) == (first.request_id, "")
    assert cold.initialization_ms
    assert cold.duration_ms > 0
    assert (failed.request_id, failed.initialization_ms) == (second.request_id, None)
    assert failed.error.startswith("TypeError: ")
