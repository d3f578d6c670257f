"""Metrics of the chat: what an invocation's line embeds, when, and in CloudWatch's format."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from chat import metrics
from chat.domain import timestamp
from chat.errors import ChatError
from chat.invocation import carry_out
from chat.metrics import Metric
from chat.service.post import Post
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.gateway_events import socket_event
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.handlers.support.gateway_events import Person
    from tests.handlers.support.service import Parley

MESSAGE = json.dumps({"type": "message", "chatId": "dm:a:b", "message": {"sentAt": timestamp(START - 1.5)}})


@pytest.fixture(autouse=True)
def nothing_recorded() -> Iterator[None]:
    """Begin and end without values of another test."""
    metrics.take()
    yield
    metrics.take()


def taken(error_code: str = "") -> dict[str, Any]:
    """What is recorded, by name, without the format's own members."""
    members = metrics.take(error_code)
    return {name: value for name, value in members.items() if name not in {"_aws", "Stack"}}


def test_line_follows_the_embedded_metric_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts add up, durations stand one by one, and all are of the stack that its function names."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "my-parley-send-message")
    monkeypatch.setenv("_HANDLER", "send_message.handler")
    metrics.record(Metric.MESSAGES_SENT, 2)
    metrics.record(Metric.MESSAGES_SENT)
    metrics.record(Metric.FAN_OUT_LAG, 12.5)
    metrics.record(Metric.FAN_OUT_LAG, 40.0)
    line = metrics.take()
    metadata = line.pop("_aws")
    assert line == {"Stack": "my-parley", "MessagesSent": 3, "FanOutLag": [12.5, 40.0]}
    assert metadata["CloudWatchMetrics"] == [
        {
            "Namespace": "Parley",
            "Dimensions": [["Stack"]],
            "Metrics": [
                {"Name": "MessagesSent", "Unit": "Count"},
                {"Name": "FanOutLag", "Unit": "Milliseconds"},
            ],
        }
    ]


def test_values_are_taken_once_and_a_hundred_of_a_metric_at_most() -> None:
    """CloudWatch would drop a line with more."""
    for value in range(metrics.MOST_VALUES + 1):
        metrics.record(Metric.FAN_OUT_LAG, value)
    assert taken() == {"FanOutLag": list(range(1, metrics.MOST_VALUES + 1))}
    assert metrics.take() == {}


def test_error_is_counted_in_all_and_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever refuses or fails a request is in the line that tells so."""

    def refuse() -> None:
        raise ChatError("contention")

    carry_out("sendMessage", {"requestId": "r1"}, refuse)
    line = json.loads(capsys.readouterr().out)
    assert (line["outcome"], line["Code"], line["Errors"]) == ("contention", "contention", 1)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Stack"], ["Stack", "Code"]]


@pytest.mark.parametrize(("recorded", "lines"), [(True, 1), (False, 0)])
def test_metrics_are_written_whatever_the_log_level(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, recorded: bool, lines: int
) -> None:
    """Fewer log lines must not switch alarms off; a line without metrics obeys the level."""
    monkeypatch.setattr("chat.invocation.LOGGER.level", 30)
    monkeypatch.setattr("chat.invocation.LOGGER._cache", {})
    carry_out("ping", {}, lambda: metrics.record(Metric.MESSAGES_SENT) if recorded else None)
    assert len(capsys.readouterr().out.splitlines()) == lines


def test_send_tells_messages_duration_and_lag(
    parley: Parley, alice: Person, bob: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the dashboard of the chat is made of, from one frame of two messages; the text is in no member."""
    chat_id = parley.chat(alice, bob)
    parley.connect(bob)
    capsys.readouterr()
    parley.frame(alice, send_frame(chat_id, 0, "one", "two"))
    (line,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert line["MessagesSent"] == 2
    assert line["SendDuration"] > 0
    assert line["FanOutLag"] >= 0


def test_post_measures_the_lag_of_messages_and_of_no_other_frame() -> None:
    """From sentAt to when the last device has it; what is typed or read has no such time."""
    post = Post(FakeConnections(), FakePush(), FakeClock())
    post([connection("b", "b1"), connection("b", "b2")], [b'{"type":"typing","chatId":"dm:a:b"}'])
    assert taken() == {}
    post([connection("b", "b1"), connection("b", "b2")], [MESSAGE.encode()])
    assert taken() == {"FanOutLag": 1500.0}


def test_post_counts_connections_that_are_gone() -> None:
    """Each 410 once."""
    Post(FakeConnections(), FakePush("b1"), FakeClock())([connection("b", "b1")], [MESSAGE.encode()])
    assert taken() == {"GoneConnections": 1}


def test_connections_are_counted_as_they_open_and_close_with_how_long_they_lived(
    parley: Parley, bob: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many are open follows from both, without a scan: their seconds over the seconds of a period."""
    parley.connect(bob)  # an hour ago
    event = socket_event(bob, "$disconnect", connected_at=int((time.time() - 3_600) * 1_000))
    parley.invoke("disconnect", event)
    opened, closed = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert opened["ConnectionsOpened"] == 1
    assert closed["ConnectionsClosed"] == 1
    assert 3_600 <= closed["ConnectionDuration"] < 4_200
