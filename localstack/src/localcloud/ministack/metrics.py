"""Storing metrics in MiniStack's CloudWatch from inside the process, without growing for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch, lambda_svc

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.cloudwatch.metrics import DataPoint

MOST_POINTS = 100_000
"""MiniStack keeps every value for two weeks; beyond this all metrics forget the older half (about 30 MB)."""

GLOBAL_REGION = "us-east-1"
_GLOBAL_NAMESPACES = frozenset({"AWS/CloudFront"})

counted_once = Fix(Patch(lambda_svc, "_emit_lambda_metrics", lambda _emit: lambda *_facts, **_more: None))
"""Not a fault: our execution plane tells of every invocation, MiniStack of those that pass through it."""

_SMALL_STATES = (
    "alarm_history",
    "alarms",
    "composite_alarms",
    "composite_triggers",
    "dashboards",
    "resource_tags",
)


def state_without_points() -> dict[str, Any]:
    """MiniStack's state of the service without the metrics, whose copying would hold the event loop."""
    states = {name: getattr(cloudwatch, f"_{name}") for name in _SMALL_STATES}
    return {"metrics": AccountRegionScopedDict(), **states}


def is_global(point: DataPoint) -> bool:
    """Whether a metric is published in one region alone, wherever what it is about was asked for."""
    return point.metric.namespace in _GLOBAL_NAMESPACES


def put(points: Sequence[DataPoint]) -> None:
    """Add values to those of their periods: equal values of one period are one entry with a count.

    Call it within MiniStack's request scope, which decides the account and the region.
    """
    for point in points:
        metric = point.metric
        dimensions = dict(metric.dimensions)
        stored = cloudwatch._metric_bucket(  # noqa: SLF001
            (metric.namespace, metric.name, cloudwatch._dims_key(dimensions))  # noqa: SLF001
        )
        known = _of_period(stored, point.timestamp)
        for value, count in point.counts.items():
            if entry := known.get(value):
                entry["Count"] += count
            else:
                facts = {"Timestamp": point.timestamp, "Unit": metric.unit, "Dimensions": dimensions}
                stored.append({**facts, "Value": float(value), "Count": float(count)})
    _forget()


def replace(points: Sequence[DataPoint]) -> None:
    """Put values in place of those that their periods have; else as :func:`put`."""
    for point in points:
        metric = point.metric
        stored = cloudwatch._metric_bucket(  # noqa: SLF001
            (metric.namespace, metric.name, cloudwatch._dims_key(dict(metric.dimensions)))  # noqa: SLF001
        )
        stored[:] = [entry for entry in stored if entry["Timestamp"] != point.timestamp]
    put(points)


def _of_period(stored: list[dict[str, Any]], timestamp: int) -> dict[float, dict[str, Any]]:
    """The period's entries by value, among the last of a metric's."""
    found = {}
    for entry in reversed(stored):
        if entry["Timestamp"] < timestamp:
            break
        if entry["Timestamp"] == timestamp and "_stat" not in entry and "Count" in entry:
            found[entry["Value"]] = entry
    return found


def _forget() -> None:
    every = cloudwatch._metrics._data  # noqa: SLF001
    if sum(map(len, every.values())) <= MOST_POINTS:
        return
    for key, stored in list(every.items()):
        del stored[: (len(stored) + 1) // 2]
        if not stored:
            del every[key]
