"""What an alarm watches and when it changes its state: PutMetricAlarm's parameters, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from localcloud.cloudwatch.alarms.expressions import Expression, InvalidExpressionError
from localcloud.cloudwatch.metrics import Dimensions

if TYPE_CHECKING:
    from collections.abc import Sequence

MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]
Comparison = Literal[
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
]
"""Those of a fixed threshold. Bands of anomaly detection are not evaluated here."""
_Positive = Annotated[int, msgspec.Meta(ge=1)]


class InvalidAlarmError(ValueError):
    """An alarm that cannot be evaluated; says in one sentence what to correct."""


class Statistic(msgspec.Struct, frozen=True):
    """A statistic of one metric, period by period."""

    namespace: str
    name: str
    dimensions: Dimensions
    statistic: str
    """``Sum``, ``Maximum``, ``p99``, ..."""
    period: int
    """Seconds."""
    unit: str = ""
    """Only values that were stored with this unit; empty for any."""


class AlarmDefinition(msgspec.Struct, frozen=True):
    """An alarm of metrics."""

    name: str
    statistics: Mapping[str, Statistic]
    """By the ids that expressions call them by."""
    expressions: Mapping[str, Expression]
    watched: str
    """The id of the statistic or expression that the threshold is for."""
    period: int
    """Seconds."""
    comparison: Comparison
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing_data: MissingData


class _Dimension(msgspec.Struct, frozen=True, rename="pascal"):
    name: str
    value: str


class _Metric(msgspec.Struct, frozen=True, rename="pascal"):
    namespace: str
    metric_name: str
    dimensions: list[_Dimension] = []


class _MetricStat(msgspec.Struct, frozen=True, rename="pascal", omit_defaults=True):
    metric: _Metric
    period: _Positive
    stat: str
    unit: str | None = None


class _Query(msgspec.Struct, frozen=True, rename="pascal", omit_defaults=True):
    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][A-Za-z0-9_]*$")]
    expression: str | None = None
    metric_stat: _MetricStat | None = None
    return_data: bool = True
    period: _Positive | None = None


class _Record(msgspec.Struct, frozen=True, rename="pascal"):
    alarm_name: str
    comparison_operator: Comparison
    threshold: float
    evaluation_periods: _Positive = 1
    datapoints_to_alarm: _Positive | None = None
    treat_missing_data: MissingData = "missing"
    namespace: str | None = None
    metric_name: str | None = None
    dimensions: list[_Dimension] = []
    period: _Positive = 60
    statistic: str | None = None
    extended_statistic: str | None = None
    unit: str | None = None
    metrics: list[_Query] | None = None


def read_definition(record: Mapping[str, Any]) -> AlarmDefinition:
    """Read PutMetricAlarm's parameters, or what is stored of them; numbers may be written as strings.

    Raises:
        InvalidAlarmError: they are not those of an alarm that can be evaluated.
    """
    try:
        parsed = msgspec.convert(record, _Record, strict=False)
    except msgspec.ValidationError as fault:
        raise InvalidAlarmError(f"The alarm cannot be evaluated, correct it: {fault}.") from fault
    queries = parsed.metrics or [_query_of(parsed)]
    returned = [query for query in queries if query.return_data]
    if len(returned) != 1:
        raise InvalidAlarmError(
            "Exactly one of an alarm's Metrics has ReturnData: set it to false for the others."
        )
    statistics = {query.id: _statistic(query.metric_stat) for query in queries if query.metric_stat}
    if not statistics:
        raise InvalidAlarmError("None of the alarm's Metrics has a MetricStat: name a metric.")
    return AlarmDefinition(
        parsed.alarm_name,
        statistics,
        {query.id: _expression(query, queries) for query in queries if query.expression is not None},
        returned[0].id,
        max(statistic.period for statistic in statistics.values()),
        parsed.comparison_operator,
        parsed.threshold,
        parsed.evaluation_periods,
        min(parsed.datapoints_to_alarm or parsed.evaluation_periods, parsed.evaluation_periods),
        parsed.treat_missing_data,
    )


def stored_metrics(metrics: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An alarm's ``Metrics`` that were read, as DescribeAlarms gives them: numbers as numbers."""
    stored: list[dict[str, Any]] = msgspec.to_builtins(msgspec.convert(metrics, list[_Query], strict=False))
    return stored


def _query_of(record: _Record) -> _Query:
    """The one metric of an alarm without expressions."""
    if not record.namespace or not record.metric_name:
        raise InvalidAlarmError("The alarm names no metric: give it MetricName and Namespace, or Metrics.")
    metric = _Metric(record.namespace, record.metric_name, record.dimensions)
    statistic = record.extended_statistic or record.statistic or "Average"
    return _Query("metric", metric_stat=_MetricStat(metric, record.period, statistic, record.unit))


def _statistic(stat: _MetricStat) -> Statistic:
    dimensions = tuple((dimension.name, dimension.value) for dimension in stat.metric.dimensions)
    metric = stat.metric
    return Statistic(
        metric.namespace, metric.metric_name, dimensions, stat.stat, stat.period, stat.unit or ""
    )


def _expression(query: _Query, queries: Sequence[_Query]) -> Expression:
    try:
        return Expression.parse(query.expression or "", {other.id for other in queries} - {query.id})
    except InvalidExpressionError as fault:
        raise InvalidAlarmError(str(fault)) from fault
