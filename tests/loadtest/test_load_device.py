"""A device records what its user does not see: frames that were answered with errors."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from loadtest.device import Device
from loadtest.fan_out import Arrivals
from loadtest.figures import Figures
from loadtest.history import Failed, Slowed
from loadtest.population import Person
from tests.loadtest.forging import a_run

if TYPE_CHECKING:
    from loadtest.history import Record


class FakeRecorder:
    """Keeps what is written and counted."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.counted: list[str] = []

    def write(self, record: Record) -> None:
        """Keep a record."""
        self.records.append(record)

    def count(self, name: str, milliseconds: float, error: str = "") -> None:
        """Keep the name of Locust's row."""
        assert milliseconds >= 0
        self.counted.append(f"{name}: {error}" if error else name)


@pytest.fixture
def recorder() -> FakeRecorder:
    """Give a recorder."""
    return FakeRecorder()


@pytest.fixture
def device(recorder: FakeRecorder) -> Device:
    """Give a device that is not online, and in no chat."""
    untyped: Any = recorder
    random = Random(1)  # noqa: S311 - delays, not secrets
    return Device(Person("ann", "ann", ()), untyped, "ws://nowhere", untyped, Arrivals(), random, "here")


def error(code: str, **more: object) -> dict[str, object]:
    """An error frame."""
    return {"type": "error", "code": code, "message": "m", "retryable": True, "definite": False, **more}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (error("contention"), "contention"),
        ({"message": "Internal server error", "connectionId": "c=", "requestId": "r"}, "gateway"),
    ],
)
def test_error_that_the_client_deals_with_is_recorded_and_counted(
    device: Device, recorder: FakeRecorder, frame: object, code: str
) -> None:
    """In the history, from which the report tells errors by their codes, and in Locust's table."""
    device.arrived(json.dumps(frame))
    (failed,) = recorder.records
    assert isinstance(failed, Failed)
    assert (failed.device, failed.code) == ("ann.1", code)
    assert recorder.counted == [f"error {code}: {code}"]
    figures = Figures()
    figures.take(a_run())
    figures.take(failed)
    assert figures.errors == {f"frame answered: {code}": 1}


def test_limit_is_no_error(device: Device, recorder: FakeRecorder) -> None:
    """Being asked to wait is told apart; what succeeded is not told at all."""
    device.arrived(json.dumps(error("too_many_requests", retryAfterMs=250)))
    device.arrived(json.dumps({"type": "pong"}))
    (slowed,) = recorder.records
    assert isinstance(slowed, Slowed)
    assert slowed.milliseconds == 250
    assert recorder.counted == ["slow down"]
