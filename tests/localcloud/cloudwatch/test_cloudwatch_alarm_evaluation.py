"""How an alarm's state follows from its data points: AWS's examples, and what holds for any of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloudwatch.alarms.definition import AlarmDefinition, InvalidAlarmError, read_definition
from localcloud.cloudwatch.alarms.evaluation import evaluation_range, judge

NOW = 1_795_223_584.0
METRIC = {"Namespace": "Test", "MetricName": "faults", "Statistic": "Sum", "Period": "60"}
LIMIT = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": "0", "EvaluationPeriods": 3}
RETAINED = "retained"


def alarm(**changes: Any) -> AlarmDefinition:
    """An alarm of three periods of a minute, breached above 0."""
    return read_definition({"AlarmName": "faults", **METRIC, **LIMIT, **changes})


def state(points: str, **changes: Any) -> str:
    """The state by data points as AWS's examples write them: 0 is within, X breaches, - is missing."""
    definition = alarm(**changes)
    periods = evaluation_range(definition, NOW)
    values = {"0": 0.0, "X": 1.0}
    series = {period: values[point] for period, point in zip(periods, points, strict=True) if point in values}
    verdict = judge(definition, series, periods)
    return RETAINED if verdict is None else verdict.state


TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize(
    ("points", "needed", "expected"),
    [
        ("0-X-X", 3, ("OK", "OK", "OK", "OK")),
        ("----0", 3, ("OK", "OK", "OK", "OK")),
        ("-----", 3, ("INSUFFICIENT_DATA", RETAINED, "ALARM", "OK")),
        ("0XX-X", 3, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("---X-", 3, ("ALARM", RETAINED, "ALARM", "OK")),
        ("0-X-X", 2, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("00X0X", 2, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0-X--", 2, ("OK", "OK", "ALARM", "OK")),
        ("----0", 2, ("OK", "OK", "ALARM", "OK")),
        ("----X", 2, ("ALARM", RETAINED, "ALARM", "OK")),
        ("-----", 2, ("INSUFFICIENT_DATA", RETAINED, "ALARM", "OK")),
    ],
)
def test_missing_data_count_as_in_awss_examples(points: str, needed: int, expected: tuple[str, ...]) -> None:
    """Three periods are evaluated, all or two of them have to breach; real points further back come first."""
    found = tuple(
        state(points, DatapointsToAlarm=needed, TreatMissingData=treatment) for treatment in TREATMENTS
    )
    assert found == expected


@given(st.text("0X", min_size=5, max_size=5), st.integers(1, 3), st.sampled_from(TREATMENTS))
def test_without_missing_data_the_newest_points_alone_decide(
    points: str, needed: int, treatment: str
) -> None:
    """M out of N."""
    expected = "ALARM" if points[-3:].count("X") >= needed else "OK"
    assert state(points, DatapointsToAlarm=needed, TreatMissingData=treatment) == expected


@given(st.text("0X-", min_size=5, max_size=5), st.integers(1, 3))
def test_treatments_of_missing_data_never_disagree_the_wrong_way(points: str, needed: int) -> None:
    """Whatever alarms with missing data taken as good alarms with them taken as bad."""
    by_treatment = {
        treatment: state(points, DatapointsToAlarm=needed, TreatMissingData=treatment)
        for treatment in TREATMENTS
    }
    if by_treatment["notBreaching"] == "ALARM":
        assert set(by_treatment.values()) == {"ALARM"}
    if by_treatment["breaching"] == "OK":
        assert set(by_treatment.values()) == {"OK"}


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", [5, 6]),
        ("GreaterThanThreshold", [6]),
        ("LessThanThreshold", [4]),
        ("LessThanOrEqualToThreshold", [4, 5]),
    ],
)
def test_comparison_decides_what_breaches(comparison: str, breaching: list[float]) -> None:
    """At, above and below the threshold."""
    definition = alarm(ComparisonOperator=comparison, Threshold=5, EvaluationPeriods=1)
    periods = evaluation_range(definition, NOW)
    found = [
        value
        for value in (4, 5, 6)
        if (verdict := judge(definition, {periods[-1]: value}, periods)) and verdict.state == "ALARM"
    ]
    assert found == breaching


def test_evaluation_range_ends_with_the_last_whole_period() -> None:
    """The minute that has not ended says nothing yet."""
    periods = evaluation_range(alarm(EvaluationPeriods=1), NOW)
    assert (periods[-1], len(periods)) == (NOW // 60 * 60 - 60, 3)
    assert evaluation_range(alarm(Period=300), NOW)[-1] == NOW // 300 * 300 - 300


def test_reason_tells_points_threshold_and_what_was_missing() -> None:
    """It is what an operator reads first."""
    periods = evaluation_range(alarm(), NOW)
    verdict = judge(alarm(TreatMissingData="breaching"), {periods[-1]: 2.5}, periods)
    assert verdict is not None
    assert "[2.5]" in verdict.reason
    assert "GreaterThanThreshold 0" in verdict.reason
    assert "2 missing, treated as breaching" in verdict.reason


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MetricName": None}, "names no metric"),
        ({"ComparisonOperator": "LessThanLowerThreshold"}, "correct it"),
        ({"Metrics": [{"Id": "e", "Expression": "1"}]}, "None of the alarm's Metrics"),
        ({"Metrics": [{"Id": "a", "Expression": "1"}, {"Id": "b", "Expression": "2"}]}, "Exactly one"),
        ({"EvaluationPeriods": 0}, "correct it"),
    ],
)
def test_alarm_that_cannot_be_evaluated_is_refused(changes: dict[str, Any], message: str) -> None:
    """With what to correct."""
    record = {"AlarmName": "faults", **METRIC, **LIMIT, **changes}
    with pytest.raises(InvalidAlarmError, match=message):
        read_definition({name: value for name, value in record.items() if value is not None})
