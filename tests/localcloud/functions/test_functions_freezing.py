"""An idle environment is frozen: what was left running after the return waits for the next event."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.functions.functions_fakes import (
    FakeControlPlane,
    execution_plane,
    is_running,
    state,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localcloud.functions import ExecutionPlane

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process's state is read from /proc")

WORK_ON = """
import os, subprocess, threading, time
count = 0
def work():
    global count
    while True:
        count += 1
        time.sleep(0.001)
threading.Thread(target=work, daemon=True).start()
child = subprocess.Popen(["sleep", "600"])
def handler(event, context):
    return {"pid": os.getpid(), "child": child.pid, "count": count}
"""
SERVER = """
import asyncio, pathlib, sys
from tests.localcloud.functions.functions_fakes import FakeControlPlane, execution_plane
async def main():
    control_plane = FakeControlPlane()
    control_plane.deploy("work", sys.argv[2])
    async with execution_plane(control_plane, pathlib.Path(sys.argv[1])) as plane:
        print((await plane.invoke("work", b"{}")).payload.decode(), flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture
async def plane(tmp_path: Path) -> AsyncIterator[ExecutionPlane]:
    """A plane with a function that works on in a thread and leaves a child behind."""
    control_plane = FakeControlPlane()
    control_plane.deploy("work", WORK_ON)
    async with execution_plane(control_plane, tmp_path) as plane:
        yield plane


async def invoke(plane: ExecutionPlane) -> Any:
    """What the function answers."""
    return json.loads((await plane.invoke("work", b"{}")).payload)


async def frozen(answer: Any) -> None:
    """Wait until an environment and what it started are stopped."""
    await until(lambda: state(answer["pid"]) == state(answer["child"]) == "T")


async def test_freezing_idle_environment_does_not_work_on(plane: ExecutionPlane) -> None:
    """A thread makes no step between two events, however long they are apart."""
    first = await invoke(plane)
    await frozen(first)
    before = await invoke(plane)
    await frozen(before)
    await asyncio.sleep(0.2)  # time for 200 steps
    after = await invoke(plane)
    assert before["pid"] == after["pid"]
    assert after["count"] - before["count"] < 50


async def test_freezing_prewarmed_environment_is_frozen_and_serves(plane: ExecutionPlane) -> None:
    """Events thaw, one after the other without loss, in whatever state they find the environment."""
    for _ in range(3):
        await frozen(await invoke(plane))
    answers = [await invoke(plane) for _ in range(50)]
    assert len({answer["pid"] for answer in answers}) == 1


async def test_freezing_close_ends_a_frozen_environment(plane: ExecutionPlane) -> None:
    """Neither the process nor what it started outlives the plane."""
    answer = await invoke(plane)
    await frozen(answer)
    await plane.close()
    await until(lambda: not is_running(answer["pid"]) and not is_running(answer["child"]))


async def test_freezing_killed_while_frozen_is_replaced(plane: ExecutionPlane) -> None:
    """Kill -9 of a frozen environment costs no event."""
    answer = await invoke(plane)
    await frozen(answer)
    os.kill(answer["pid"], signal.SIGKILL)
    await until(lambda: plane.environments()["work"].idle == 0)
    assert (await invoke(plane))["pid"] != answer["pid"]


async def test_freezing_server_killed_leaves_no_frozen_process(tmp_path: Path) -> None:
    """Kill -9 of the server ends frozen environments, and what they started."""
    with subprocess.Popen(  # noqa: ASYNC220 - what it writes is waited for in a thread
        [sys.executable, "-c", SERVER, tmp_path, WORK_ON],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as server:
        assert server.stdout is not None
        answer = json.loads(await asyncio.to_thread(server.stdout.readline))
        await frozen(answer)
        server.kill()
        await until(lambda: not is_running(answer["pid"]) and not is_running(answer["child"]))
