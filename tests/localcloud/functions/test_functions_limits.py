"""How long a function may take: to initialize, to serve an event; and what is left of it after that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.functions import environment
from tests.localcloud.functions.functions_fakes import FakeControlPlane, execution_plane

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localcloud.functions import ExecutionPlane

SLOW_ONCE = """
import pathlib, time
slow = pathlib.Path({!r})
if slow.exists():
    slow.unlink()
    time.sleep(60)
def handler(event, context):
    return "served"
"""
SLEEP_IF_TOLD = """
import os, time
def handler(event, context):
    time.sleep(event)
    return os.getpid()
"""


@pytest.fixture
def control_plane() -> FakeControlPlane:
    """What is deployed."""
    return FakeControlPlane()


@pytest.fixture
async def plane(control_plane: FakeControlPlane, tmp_path: Path) -> AsyncIterator[ExecutionPlane]:
    """An execution plane over the control plane."""
    async with execution_plane(control_plane, tmp_path) as running:
        yield running


async def test_initialization_over_ten_seconds_is_tried_once_more(
    plane: ExecutionPlane, control_plane: FakeControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event waits for the second attempt, which has the function's timeout; the log has the first."""
    assert environment.INITIALIZATION_SECONDS == 10
    monkeypatch.setattr(environment, "INITIALIZATION_SECONDS", 1.0)
    (tmp_path / "slow").touch()
    control_plane.deploy("slow", SLOW_ONCE.format(str(tmp_path / "slow")), Timeout=30)
    invocation = await plane.invoke("slow", b"{}")
    assert (invocation.function_error, invocation.payload) == (None, b'"served"')
    [report] = [line for line in invocation.log_tail.splitlines() if line.startswith("INIT_REPORT")]
    assert report.endswith("Phase: init\tStatus: timeout")


async def test_initialization_over_the_functions_timeout_is_a_timeout(
    plane: ExecutionPlane, control_plane: FakeControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event whose environment cannot start in time fails as one whose handler takes too long."""
    monkeypatch.setattr(environment, "INITIALIZATION_SECONDS", 0.1)
    control_plane.deploy("never", "import time\ntime.sleep(60)", Timeout=0.2)
    invocation = await plane.invoke("never", b"{}")
    assert invocation.function_error == "Unhandled"
    assert json.loads(invocation.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {invocation.request_id} Error: Task timed out after 0.20 seconds",
    }
    reports = [line for line in invocation.log_tail.splitlines() if line.startswith("INIT_REPORT")]
    assert [report.partition("Phase: ")[2] for report in reports] == [
        "init\tStatus: timeout",
        "invoke\tStatus: timeout",
    ]


async def test_event_over_the_functions_timeout_costs_the_environment(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Nothing of it serves again: the next event has a cold start."""
    control_plane.deploy("sleep", SLEEP_IF_TOLD, Timeout=1)
    before = await plane.invoke("sleep", b"0")
    late = await plane.invoke("sleep", b"60")
    after = await plane.invoke("sleep", b"0")
    assert json.loads(late.payload)["errorType"] == "Sandbox.Timedout"
    assert json.loads(after.payload) != json.loads(before.payload)
    assert "Init Duration" not in late.log_tail
    assert "Init Duration" in after.log_tail
