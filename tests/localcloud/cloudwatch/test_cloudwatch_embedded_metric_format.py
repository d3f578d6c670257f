"""The embedded metric format: which log events become which metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.cloudwatch.embedded_metric_format import EmbeddedValue, embedded_values
from localcloud.cloudwatch.metrics import Metric

NOW = 1_795_223_620.0
AT = NOW - 5


def event(*, metadata: dict[str, Any] | None = None, **members: Any) -> str:
    """A log event in the format, with one metric ``latency`` by the dimension ``route``."""
    directive = {
        "Namespace": "Chat",
        "Dimensions": [["route"]],
        "Metrics": [{"Name": "latency", "Unit": "Milliseconds"}],
    }
    aws = {"Timestamp": int(AT * 1000), "CloudWatchMetrics": [{**directive, **(metadata or {})}]}
    return json.dumps({"_aws": aws, "route": "send", "latency": 12.5, "text": "more", **members})


def latency(value: float, *dimensions: tuple[str, str], resolution: int = 60) -> EmbeddedValue:
    """A value as the event above declares it."""
    return EmbeddedValue(Metric("Chat", "latency", dimensions, "Milliseconds"), value, AT, resolution)


def test_event_becomes_its_metric_at_its_own_time() -> None:
    """Namespace, name, unit, dimension and the event's timestamp."""
    assert embedded_values(event(), NOW) == [latency(12.5, ("route", "send"))]


def test_array_of_values_is_a_value_each() -> None:
    """Up to 100 of them, in order."""
    found = embedded_values(event(latency=[1, 2, 2]), NOW)
    assert [value.value for value in found] == [1, 2, 2]
    assert len(embedded_values(event(latency=[1] * 100), NOW)) == 100
    assert embedded_values(event(latency=[1] * 101), NOW) == []


def test_each_dimension_set_is_a_metric_of_its_own() -> None:
    """Also the empty set, which is the metric without dimensions."""
    sets = {"Dimensions": [["route"], ["route", "region"], []]}
    assert embedded_values(event(metadata=sets, region="here"), NOW) == [
        latency(12.5, ("route", "send")),
        latency(12.5, ("route", "send"), ("region", "here")),
        latency(12.5),
    ]


def test_dimension_set_without_its_strings_is_left_out_alone() -> None:
    """A member that is missing or no string makes no dimension; the other sets stand."""
    sets = {"Dimensions": [["missing"], ["number"], ["route"]]}
    assert embedded_values(event(metadata=sets, number=3), NOW) == [latency(12.5, ("route", "send"))]


def test_up_to_100_metrics_and_no_more() -> None:
    """A directive of 101 is malformed."""
    definitions = [{"Name": f"m{number}"} for number in range(101)]
    members = {f"m{number}": number for number in range(101)}
    assert len(embedded_values(event(metadata={"Metrics": definitions[:100]}, **members), NOW)) == 100
    assert embedded_values(event(metadata={"Metrics": definitions}, **members), NOW) == []


def test_metric_without_unit_has_none_and_high_resolution_is_kept() -> None:
    """``None`` is CloudWatch's name of no unit; a resolution of one second is told apart."""
    metadata = {"Metrics": [{"Name": "latency", "StorageResolution": 1}]}
    (value,) = embedded_values(event(metadata=metadata), NOW)
    assert (value.metric.unit, value.resolution) == ("None", 1)


@pytest.mark.parametrize(
    "text",
    [
        "plain text",
        '{"json": "of another kind"}',
        '{"_aws": ',
        '{"_aws": {"CloudWatchMetrics": []}, "latency": 1}',
        json.dumps(["_aws"]),
        event(metadata={"Namespace": ""}),
        event(metadata={"Dimensions": [["route"] * 31]}),
        event(metadata={"Dimensions": "route"}),
        event(metadata={"Metrics": [{"Unit": "Count"}]}),
        event(metadata={"Metrics": [{"Name": "latency", "Unit": "Parsecs"}]}),
        event(metadata={"Metrics": [{"Name": "latency", "StorageResolution": 7}]}),
        event(latency="12.5"),
        event(latency=True),
        event(latency=[1, "2"]),
        event(latency=None),
    ],
)
def test_malformed_event_is_ignored(text: str) -> None:
    """As CloudWatch does: it stays a log event and nothing more."""
    assert embedded_values(text, NOW) == []


def test_event_of_long_ago_or_of_the_future_is_ignored() -> None:
    """CloudWatch takes metrics from two weeks ago to two hours ahead."""
    assert embedded_values(event(), AT + 14 * 24 * 3600 + 1) == []
    assert embedded_values(event(), AT - 2 * 3600 - 1) == []
    assert len(embedded_values(event(), AT - 2 * 3600)) == 1
