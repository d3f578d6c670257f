"""When alarms are evaluated, on a clock that is set, and what they read and change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cloudwatch.alarms import AlarmEvaluator
from localcloud.cloudwatch.alarms.definition import read_definition
from localcloud.cloudwatch.alarms.endpoints import alarm_endpoints
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.cloudwatch.alarms.definition import AlarmDefinition, Statistic
    from localcloud.cloudwatch.alarms.evaluation import Verdict
    from localcloud.cloudwatch.alarms.expressions import Series

MINUTE = 1_795_223_580


@dataclass
class FakeClock:
    """A clock that is set."""

    time: float = MINUTE + 5.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


@dataclass
class FakeAlarms:
    """Alarms and metrics in memory."""

    records: list[dict[str, Any]]
    values: dict[str, dict[int, float]]
    entered: dict[str, str] = field(default_factory=dict)

    def definitions(self) -> Sequence[AlarmDefinition]:
        """Read each."""
        return [read_definition(record) for record in self.records]

    def series(self, statistic: Statistic, start: int, end: int) -> Series:
        """The metric's values."""
        found = self.values.get(statistic.name, {})
        return {period: value for period, value in found.items() if start <= period < end}

    def enter(self, alarm_name: str, verdict: Verdict) -> None:
        """Remember the state."""
        self.entered[alarm_name] = verdict.state

    def states(self) -> Mapping[str, str]:
        """What is remembered."""
        return self.entered


def metric(id_: str, name: str, **more: Any) -> dict[str, Any]:
    """One of an alarm's metrics."""
    stat = {"Metric": {"Namespace": "Test", "MetricName": name}, "Period": 60, "Stat": "Sum"}
    return {"Id": id_, "MetricStat": stat, "ReturnData": False, **more}


RATE = {
    "AlarmName": "error-rate",
    "Metrics": [
        metric("errors", "Errors"),
        metric("calls", "Calls"),
        {"Id": "total", "Expression": "FILL(calls, 0)", "ReturnData": False},
        {"Id": "rate", "Expression": "IF(total > 0, 100 * errors / total, 0)"},
    ],
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 5,
    "EvaluationPeriods": 1,
    "TreatMissingData": "notBreaching",
}


@pytest.mark.parametrize(("errors", "state"), [(1, "OK"), (6, "ALARM")])
def test_alarm_of_an_expression_follows_the_metrics_it_reads(errors: float, state: str) -> None:
    """Expressions read metrics, and other expressions, whatever their order."""
    last = MINUTE - 60
    alarms = FakeAlarms([RATE], {"Errors": {last: errors}, "Calls": {last: 100}})
    AlarmEvaluator(alarms, FakeClock(), lambda _now: None).evaluate()
    assert alarms.entered == {"error-rate": state}


async def test_moving_ahead_evaluates_a_minute_that_is_not_over_and_then_its_silence() -> None:
    """A test sees an alarm turn and turn back without waiting for either."""
    alarms = FakeAlarms([RATE], {"Errors": {MINUTE: 6}, "Calls": {MINUTE: 10}})
    gathered: list[float] = []
    evaluator = AlarmEvaluator(alarms, FakeClock(), gathered.append)
    evaluator.evaluate()
    assert alarms.entered == {"error-rate": "OK"}
    assert evaluator.move_ahead(60) == {"error-rate": "ALARM"}
    assert evaluator.move_ahead(300) == {"error-rate": "OK"}
    assert gathered == [MINUTE + 5, MINUTE + 65, MINUTE + 305]


def test_alarm_that_fails_costs_the_others_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is told in the log."""
    broken = {**RATE, "AlarmName": "broken"}

    class Failing(FakeAlarms):
        def enter(self, alarm_name: str, verdict: Verdict) -> None:
            if alarm_name == "broken":
                raise ValueError("no topic")
            super().enter(alarm_name, verdict)

    alarms = Failing([broken, RATE], {})
    AlarmEvaluator(alarms, FakeClock(), lambda _now: None).evaluate()
    assert alarms.entered == {"error-rate": "OK"}
    assert "no topic" in caplog.text


def request(body: bytes = b"") -> Request:
    """A request to the endpoints."""
    return Request("POST", "/_localcloud/alarms", b"/_localcloud/alarms", b"", (), body)


async def test_endpoints_list_states_and_move_ahead_or_say_what_to_send() -> None:
    """What e2e tests and operators use."""
    alarms = FakeAlarms([RATE], {"Errors": {MINUTE: 6}, "Calls": {MINUTE: 10}})
    endpoints = alarm_endpoints(AlarmEvaluator(alarms, FakeClock(), lambda _now: None))
    moved = await endpoints["POST", "/alarms"](request(b'{"secondsAhead": 60}'))
    assert (moved.status, moved.body) == (200, b'{"alarms":{"error-rate":"ALARM"}}')
    assert (await endpoints["GET", "/alarms"](request())).body == moved.body
    for wrong in (b"", b'{"secondsAhead": -1}', b'{"ahead": 60}'):
        refused = await endpoints["POST", "/alarms"](request(wrong))
        assert refused.status == 400
        assert b"secondsAhead" in refused.body
