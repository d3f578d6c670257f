"""Whether an alarm's data points put it into the state ALARM: M out of N, and what missing ones count as.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud.cloudwatch.alarms.definition import AlarmDefinition, Comparison
    from localcloud.cloudwatch.alarms.expressions import Series

OK = "OK"
ALARM = "ALARM"
INSUFFICIENT_DATA = "INSUFFICIENT_DATA"

EXTRA_PERIODS = 2
"""Periods before those to be evaluated that take the place of missing ones. AWS names no number; its examples
have two."""

_COMPARISONS: Mapping[Comparison, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class Verdict(NamedTuple):
    """The state that an alarm's data points put it into, and why."""

    state: str
    reason: str


def evaluation_range(alarm: AlarmDefinition, now: float) -> range:
    """The beginnings of the periods that an evaluation looks at, oldest first; the last has just ended."""
    end = int(now) // alarm.period * alarm.period
    return range(end - (alarm.evaluation_periods + EXTRA_PERIODS) * alarm.period, end, alarm.period)


def judge(alarm: AlarmDefinition, series: Series, periods: Sequence[int]) -> Verdict | None:
    """The alarm's state by its series in the periods; None keeps the state as it is.

    Args:
        alarm: the alarm.
        series: what it watches.
        periods: the evaluation range, oldest first.
    """
    points = [series[period] for period in periods if period in series][-alarm.evaluation_periods :]
    breaches = _COMPARISONS[alarm.comparison]
    breaching = sum(breaches(point, alarm.threshold) for point in points)
    missing = alarm.evaluation_periods - len(points)
    needed = alarm.datapoints_to_alarm
    if breaching >= needed:
        return Verdict(ALARM, _reason(alarm, points, missing, breaching))
    undecided = missing > 0 and breaching == len(points)
    if undecided and alarm.missing_data == "ignore":
        return None
    if undecided and alarm.missing_data == "missing":
        state = ALARM if points else INSUFFICIENT_DATA
    elif alarm.missing_data == "breaching":
        state = ALARM if breaching + missing >= needed else OK
    else:
        state = OK
    return Verdict(state, _reason(alarm, points, missing, breaching))


def _reason(alarm: AlarmDefinition, points: Sequence[float], missing: int, breaching: int) -> str:
    shown = ", ".join(f"{point:g}" for point in reversed(points)) or "none"
    treated = f" {missing} missing, treated as {alarm.missing_data}." if missing else ""
    return (
        f"{breaching} of the last {len(points)} datapoints [{shown}] breach the threshold"
        f" ({alarm.comparison} {alarm.threshold:g}; {alarm.datapoints_to_alarm} needed).{treated}"
    )
