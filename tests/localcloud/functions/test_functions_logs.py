"""Log lines: gathered, delivered in batches, told to subscribers, reported in AWS's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.functions.logs import Logs
from localcloud.functions.reports import InitializationReport, Report, Start, written
from localcloud.observations import LogWritten, Observation, Observations
from tests.localcloud.functions.functions_fakes import FakeControlPlane, function, until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.functions.reports import PlatformEvent


class StandingClock:
    """Always 2026-11-21T01:00:00Z."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return 1795222800.0


@pytest.fixture
def control_plane() -> FakeControlPlane:
    """Where logs go."""
    return FakeControlPlane()


async def test_logs_lines_are_delivered_soon_and_in_order(control_plane: FakeControlPlane) -> None:
    """Lines are gathered for a moment and then delivered by themselves."""
    stream = Logs(control_plane, StandingClock(), Observations()).open_stream(function())
    stream.write("one")
    stream.write("two")
    assert control_plane.logged == []
    await until(lambda: bool(control_plane.logged))
    assert control_plane.logged == [
        ("/aws/lambda/greet", stream.name, 1795222800000, "one"),
        ("/aws/lambda/greet", stream.name, 1795222800000, "two"),
    ]


async def test_logs_stream_is_named_as_aws_does(control_plane: FakeControlPlane) -> None:
    """The day, the version and 32 hexadecimal digits."""
    stream = Logs(control_plane, StandingClock(), Observations()).open_stream(function())
    day, _, unique = stream.name.partition("[$LATEST]")
    assert day == "2026/11/21/"
    assert len(bytes.fromhex(unique)) == 16


async def test_log_stream_runtime_error_is_one_event(control_plane: FakeControlPlane) -> None:
    """The runtime client's carriage returns are line ends within one event; empty lines are none."""
    logs = Logs(control_plane, StandingClock(), Observations())
    stream = logs.open_stream(function())
    stream.write("[ERROR] ValueError: no\rTraceback (most recent call last):\r")
    stream.write("")
    logs.flush()
    assert control_plane.lines("greet") == ["[ERROR] ValueError: no\nTraceback (most recent call last):"]


async def test_log_stream_tail_is_the_last_four_kilobytes(control_plane: FakeControlPlane) -> None:
    """The Invoke API's LogResult holds the end of one invocation's log, and not the next one's."""
    logs = Logs(control_plane, StandingClock(), Observations())
    stream = logs.open_stream(function())
    stream.write("first")
    stream.write("x" * 5000)
    tail = stream.take_tail()
    assert len(tail.encode()) == 4096
    assert tail.endswith("x\n")
    stream.write("next")
    assert stream.take_tail() == "next\n"
    logs.flush()


async def test_logs_every_line_is_observed(control_plane: FakeControlPlane) -> None:
    """Whoever listens is told of a line as it is written, before it is delivered."""
    seen: list[Observation] = []
    observations = Observations()
    observations.listen(seen.append)
    logs = Logs(control_plane, StandingClock(), observations)
    logs.open_stream(function()).write("one")
    assert seen == [LogWritten("/aws/lambda/greet", 1795222800000, "one")]
    logs.flush()


def test_report_first_invocation_bills_the_initialization() -> None:
    """AWS's lines, with the initialization in what is billed."""
    assert written(Report("id", 1.234, 128, 40 * 2**20, 100.5), "Text", "INFO", "") == [
        "END RequestId: id",
        (
            "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB"
            "\tMax Memory Used: 40 MB\tInit Duration: 100.50 ms\t"
        ),
    ]


def test_report_unknown_memory_and_crash_are_said() -> None:
    """What the system does not tell is left out; why the environment failed is not."""
    report = Report("id", 3000.0, 128, None, None, "error", "Runtime.ExitError")
    assert report.lines()[1] == (
        "REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB"
        "\tStatus: error\tError Type: Runtime.ExitError\t"
    )


def test_report_failed_initialization_says_its_phase() -> None:
    """AWS's line for a start that failed."""
    report = InitializationReport("init", 12.345, "error", "Runtime.ImportModuleError")
    (line,) = report.lines()
    assert line == (
        "INIT_REPORT Init Duration: 12.35 ms\tPhase: init\tStatus: error"
        "\tError Type: Runtime.ImportModuleError"
    )


TIME = "2026-11-21T01:00:00.000Z"


@pytest.mark.parametrize(
    ("event", "kind", "record"),
    [
        (Start("id", "$LATEST"), "platform.start", {"requestId": "id", "version": "$LATEST"}),
        (
            Report("id", 1.2345, 128, 40 * 2**20, 100.5),
            "platform.report",
            {
                "requestId": "id",
                "metrics": {
                    "durationMs": 1.234,
                    "billedDurationMs": 102,
                    "memorySizeMB": 128,
                    "maxMemoryUsedMB": 40,
                    "initDurationMs": 100.5,
                },
                "status": "success",
            },
        ),
        (
            InitializationReport("invoke", 3000.0, "timeout", ""),
            "platform.initReport",
            {
                "initializationType": "on-demand",
                "phase": "invoke",
                "status": "timeout",
                "metrics": {"durationMs": 3000.0},
            },
        ),
    ],
)
def test_written_json_is_the_telemetry_apis_event(
    event: PlatformEvent, kind: str, record: Mapping[str, object]
) -> None:
    """One JSON object a log event: time, type and record."""
    (line,) = written(event, "JSON", "INFO", TIME)
    assert json.loads(line) == {"time": TIME, "type": kind, "record": record}


def test_written_json_at_warn_leaves_out_what_went_well() -> None:
    """SystemLogLevel WARN keeps the failures."""
    assert written(Report("id", 1.0, 128, None, None), "JSON", "WARN", TIME) == []
    assert len(written(Report("id", 1.0, 128, None, None, "timeout"), "JSON", "WARN", TIME)) == 1
