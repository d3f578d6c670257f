"""CloudWatch's embedded metric format: log events that carry metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from localcloud.cloudwatch.metrics import Dimensions, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARK = '"_aws"'
_OLDEST_MS = 14 * 24 * 3600 * 1000
_NEWEST_MS = 2 * 3600 * 1000
"""CloudWatch takes metrics from two weeks ago to two hours ahead."""
_MOST_VALUES = 100

_RATES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
_BIT_RATES = ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
_UNITS = frozenset(
    {
        *("None", "Percent", "Count", "Count/Second", "Seconds", "Milliseconds", "Microseconds"),
        *_RATES,
        *_BIT_RATES,
        *(f"{rate}/Second" for rate in (*_RATES, *_BIT_RATES)),
    }
)

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
_DimensionSet = Annotated[tuple[_Name, ...], msgspec.Meta(max_length=30)]


class _Definition(msgspec.Struct, frozen=True, rename="pascal"):
    name: _Name
    unit: str = "None"
    storage_resolution: Literal[1, 60] = 60


class _Directive(msgspec.Struct, frozen=True, rename="pascal"):
    namespace: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    dimensions: tuple[_DimensionSet, ...]
    metrics: Annotated[tuple[_Definition, ...], msgspec.Meta(max_length=100)]


class _Metadata(msgspec.Struct, frozen=True):
    timestamp: int = msgspec.field(name="Timestamp")
    directives: tuple[_Directive, ...] = msgspec.field(name="CloudWatchMetrics")


class _Event(msgspec.Struct, frozen=True):
    metadata: _Metadata = msgspec.field(name="_aws")


_EVENT = msgspec.json.Decoder(_Event)
_MEMBERS = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class EmbeddedValue:
    """One value of one metric in a log event."""

    metric: Metric
    value: float
    at: float
    """Seconds since the epoch."""
    resolution: int
    """Seconds of the metric's periods: 1 or 60."""


def embedded_values(text: str, now: float) -> list[EmbeddedValue]:
    """The metrics in a log event; none where it is not in the format: what is malformed is ignored.

    A metric without a number, and a set of dimensions without its strings, are left out alone.

    Args:
        text: the log event.
        now: seconds since the epoch; metrics too far from it are ignored.
    """
    if _MARK not in text or not text.startswith("{"):
        return []
    try:
        metadata = _EVENT.decode(text).metadata
        members = _MEMBERS.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return []
    if not now * 1000 - _OLDEST_MS <= metadata.timestamp <= now * 1000 + _NEWEST_MS:
        return []
    return [
        value
        for directive in metadata.directives
        for value in _values_of(directive, members, metadata.timestamp / 1000)
    ]


def _values_of(directive: _Directive, members: Mapping[str, Any], at: float) -> Iterator[EmbeddedValue]:
    dimension_sets = [
        found for names in directive.dimensions if (found := _found(names, members)) is not None
    ]
    for definition in directive.metrics:
        if definition.unit not in _UNITS:
            continue
        for value in _numbers(members.get(definition.name)):
            for dimensions in dimension_sets:
                metric = Metric(directive.namespace, definition.name, dimensions, definition.unit)
                yield EmbeddedValue(metric, value, at, definition.storage_resolution)


def _found(names: tuple[str, ...], members: Mapping[str, Any]) -> Dimensions | None:
    values = [(name, members.get(name)) for name in names]
    strings = tuple((name, value) for name, value in values if isinstance(value, str))
    return strings if len(strings) == len(names) else None


def _numbers(target: object) -> list[float]:
    values = target if isinstance(target, list) else [target]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return numbers if len(numbers) == len(values) <= _MOST_VALUES else []
