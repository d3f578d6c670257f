"""Log lines: gathered, delivered in batches, told to subscribers, reported in AWS's words."""

from __future__ import annotations

import pytest

from localcloud.functions.logs import Logs, Report
from tests.localcloud.functions.functions_fakes import FakeControlPlane, until


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
    stream = Logs(control_plane, StandingClock()).open_stream("/aws/lambda/greet")
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
    stream = Logs(control_plane, StandingClock()).open_stream("/aws/lambda/greet")
    day, _, unique = stream.name.partition("[$LATEST]")
    assert day == "2026/11/21/"
    assert len(bytes.fromhex(unique)) == 16


async def test_log_stream_runtime_error_is_one_event(control_plane: FakeControlPlane) -> None:
    """The runtime client's carriage returns are line ends within one event; empty lines are none."""
    logs = Logs(control_plane, StandingClock())
    stream = logs.open_stream("/aws/lambda/greet")
    stream.write("[ERROR] ValueError: no\rTraceback (most recent call last):\r")
    stream.write("")
    logs.flush()
    assert control_plane.lines("greet") == ["[ERROR] ValueError: no\nTraceback (most recent call last):"]


async def test_log_stream_tail_is_the_last_four_kilobytes(control_plane: FakeControlPlane) -> None:
    """The Invoke API's LogResult holds the end of one invocation's log, and not the next one's."""
    logs = Logs(control_plane, StandingClock())
    stream = logs.open_stream("/aws/lambda/greet")
    stream.write("first")
    stream.write("x" * 5000)
    tail = stream.take_tail()
    assert len(tail.encode()) == 4096
    assert tail.endswith("x\n")
    stream.write("next")
    assert stream.take_tail() == "next\n"
    logs.flush()


def test_report_first_invocation_bills_the_initialization() -> None:
    """AWS's line, with the initialization in what is billed."""
    report = Report("id", 1.234, 128, 40 * 2**20, 100.5)
    assert str(report) == (
        "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB"
        "\tMax Memory Used: 40 MB\tInit Duration: 100.50 ms\t"
    )


def test_report_unknown_memory_and_timeout_are_said() -> None:
    """What the system does not tell is left out; why the environment failed is not."""
    report = Report("id", 3000.0, 128, None, None, "timeout")
    assert str(report) == (
        "REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB"
        "\tStatus: timeout\t"
    )
