"""The runtime client of our own does what AWS's does, where AWS has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.functions.catalog import Catalog, Function
from localcloud.functions.code import CodeStore
from localcloud.functions.environment import Environment, InvocationRequest
from localcloud.functions.guardian import Guardian
from localcloud.functions.logs import Logs
from localcloud.functions.runtime_directory import make_runtime_directory
from localcloud.functions.variables import Bundle
from localcloud.observations import Observations
from tests.localcloud.functions.functions_fakes import FakeControlPlane, RealClock

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.interfaces import Invocation

HANDLER = """
import logging
def handler(event, context):
    logging.getLogger().error("saw %s", event)
    if event == "raise":
        raise ValueError("no such chat")
    return [event, context.function_name, context.aws_request_id, context.get_remaining_time_in_millis() > 0]
"""


async def invocations(directory: Path, code: str, *events: str) -> list[Invocation]:
    """What comes of events in one environment on a machine without AWS's runtime client."""
    control_plane = FakeControlPlane()
    control_plane.deploy("greet", code)
    runtime = make_runtime_directory(directory / "runtime", [])
    scratch = directory / "scratch"
    scratch.mkdir()

    async def prepare(function: Function) -> Bundle:
        unpacked = await CodeStore(control_plane, directory / "code").of_function(function)
        credentials = control_plane.role_credentials(function.name)
        return Bundle(unpacked, [], runtime, scratch, credentials, "us-east-1", "http://127.0.0.1:4566")

    function = await Catalog(control_plane).find("greet")
    observations = Observations()
    logs = Logs(control_plane, RealClock(), observations)
    guardian = Guardian()
    environment = Environment(function, prepare, logs, RealClock(), observations, guardian)
    try:
        results = []
        ready = await environment.start()
        for number, event in enumerate(events):
            results.append(
                await environment.run(
                    InvocationRequest(f"id-{number}", json.dumps(event).encode(), function.arn)
                )
            )
            assert await environment.settle() == ready
        return results
    finally:
        await environment.end()
        guardian.close()


async def test_bootstrap_events_are_served_one_after_the_other(tmp_path: Path) -> None:
    """A result, an error with AWS's object, and a result again, with log records in AWS's form."""
    first, failed, last = await invocations(tmp_path, HANDLER, "one", "raise", "two")
    assert json.loads(first.payload) == ["one", "greet", "id-0", True]
    assert "\tid-0\tsaw one\n" in first.log_tail
    assert failed.function_error == "Unhandled"
    error = json.loads(failed.payload)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such chat")
    assert error["requestId"] == "id-1"
    assert "in handler" in error["stackTrace"][0]
    assert "[ERROR] ValueError: no such chat\n" in failed.log_tail
    assert json.loads(last.payload) == ["two", "greet", "id-2", True]


@pytest.mark.parametrize(
    ("code", "error_type"),
    [
        ("import nowhere", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("", "Runtime.HandlerNotFound"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
async def test_bootstrap_broken_module_is_posted_as_initialization_error(
    tmp_path: Path, code: str, error_type: str
) -> None:
    """What is wrong with a module has AWS's error type."""
    (failed,) = await invocations(tmp_path, code, "one")
    assert failed.function_error == "Unhandled"
    assert json.loads(failed.payload)["errorType"] == error_type
