"""Metrics, and how often each value of one was seen in each period until it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Dimensions = tuple[tuple[str, str], ...]
"""Names and values of dimensions; each combination is a metric of its own."""

STANDARD_RESOLUTION = 60
"""Seconds of a period of a metric that does not ask for more."""


class Metric(NamedTuple):
    """What CloudWatch tells one metric from another by, and its unit."""

    namespace: str
    name: str
    dimensions: Dimensions
    unit: str
    """``Count``, ``Milliseconds``, ``Bytes``, ... or ``None``."""


@dataclass(frozen=True, slots=True)
class DataPoint:
    """The values of one metric in one period."""

    metric: Metric
    timestamp: int
    """The period's start: seconds since the epoch."""
    counts: Mapping[float, int]
    """How often each value was seen."""


class MetricStore(Protocol):
    """CloudWatch, as far as storing goes."""

    def put_metrics(self, points: Sequence[DataPoint]) -> None:
        """Add these values to those that are stored."""


class Aggregation:
    """Values that are not stored yet. A load's thousand equal values are one entry."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: dict[tuple[Metric, int], dict[float, int]] = {}

    def add(self, metric: Metric, value: float, at: float, resolution: int = STANDARD_RESOLUTION) -> None:
        """Note one value.

        Args:
            metric: the metric.
            value: the value, in the metric's unit.
            at: when, in seconds since the epoch.
            resolution: seconds of the metric's periods.
        """
        key = metric, int(at) // resolution * resolution
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = {}
        counts[value] = counts.get(value, 0) + 1

    def take(self) -> list[DataPoint]:
        """Everything noted since the last time."""
        taken, self._counts = self._counts, {}
        return [DataPoint(metric, timestamp, counts) for (metric, timestamp), counts in taken.items()]
