"""Metrics in MiniStack's CloudWatch: what queries answer, what is kept, and MiniStack's faults in queries."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cloudwatch.metrics import DataPoint, Metric

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

MINUTE = int(time.time()) // 60 * 60 - 120


def point(name: str, counts: dict[float, int], *dimensions: tuple[str, str], at: int = MINUTE) -> DataPoint:
    """Values of a metric of the namespace ``Test``."""
    return DataPoint(Metric("Test", name, dimensions, "Milliseconds"), at, counts)


async def statistics(
    aws: InProcessAws, name: str, *dimensions: tuple[str, str], start: float = MINUTE, **more: Any
) -> list[dict[str, Any]]:
    """GetMetricStatistics of a metric by the minute."""
    answer = await aws.target(
        "monitoring",
        "GraniteServiceVersion20100801.GetMetricStatistics",
        {
            "Namespace": "Test",
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
            "StartTime": start,
            "EndTime": MINUTE + 180,
            "Period": 60,
            **({"Statistics": ["Sum", "SampleCount", "Average", "Minimum", "Maximum"]} | more),
        },
    )
    datapoints: list[dict[str, Any]] = answer["Datapoints"]
    return datapoints


async def test_statistics_and_percentiles_are_of_every_value(ministack: MiniStack, aws: InProcessAws) -> None:
    """Values that were stored together and apart are one period's."""
    ministack.put_metrics([point("latency", {10: 90, 20: 5})])
    ministack.put_metrics([point("latency", {20: 4, 400: 1})])
    (found,) = await statistics(aws, "latency", ExtendedStatistics=["p50", "p99"])
    assert (found["Sum"], found["SampleCount"]) == (900 + 180 + 400, 100)
    assert (found["Average"], found["Minimum"], found["Maximum"]) == (14.8, 10, 400)
    assert found["ExtendedStatistics"]["p50"] == 10
    assert 20 <= found["ExtendedStatistics"]["p99"] < 30
    assert found["Unit"] == "Milliseconds"


async def test_equal_values_of_a_minute_take_one_place(ministack: MiniStack) -> None:
    """However often values are stored, a minute grows by its distinct values alone."""
    from ministack.services import cloudwatch  # noqa: PLC0415 - after MiniStack is configured

    for _ in range(50):
        ministack.put_metrics([point("places", {1: 1, 2: 3})])
    (stored,) = [found for key, found in cloudwatch._metrics._data.items() if "places" in key[2]]  # noqa: SLF001
    assert [(entry["Value"], entry["Count"]) for entry in stored] == [(1, 50), (2, 150)]


async def test_metrics_forget_their_older_half_beyond_the_most(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """What MiniStack would keep for two weeks cannot fill the memory."""
    from localcloud.ministack import metrics  # noqa: PLC0415 - after MiniStack is configured

    ministack.put_metrics([point("once", {1: 1})])
    ministack.put_metrics(
        [point("many", {5: 1}), point("many", dict.fromkeys(range(100), 1), at=MINUTE + 60)]
    )
    ministack.put_metrics([point("flood", dict.fromkeys(range(metrics.MOST_POINTS), 1))])
    (kept,) = await statistics(aws, "many")
    assert kept["Minimum"] == 50
    assert await statistics(aws, "once") == []


async def two_dimension_sets(ministack: MiniStack, aws: InProcessAws, name: str) -> list[float]:
    """The sums of a metric that is published by route and in all, asked for without dimensions."""
    ministack.put_metrics([point(name, {7: 1}), point(name, {7: 1}, ("Route", "a"))])
    return [found["Sum"] for found in await statistics(aws, name)]


async def test_query_without_dimensions_means_the_metric_that_has_none(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """What was published under dimensions is another metric."""
    assert await two_dimension_sets(ministack, aws, "exact") == [7]
    assert [found["Sum"] for found in await statistics(aws, "exact", ("Route", "a"))] == [7]


async def test_query_without_dimensions_unfixed_adds_all_up(ministack: MiniStack, aws: InProcessAws) -> None:
    """MiniStack alone counts the same value twice."""
    from localcloud.ministack.fixes import metric_queries  # noqa: PLC0415 - after MiniStack is configured

    with metric_queries.FIX.undone():
        assert await two_dimension_sets(ministack, aws, "exact-unfixed") == [14]


async def test_query_from_within_a_minute_begins_with_that_minute(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """CloudWatch rounds the start down."""
    ministack.put_metrics([point("rounded", {1: 1})])
    assert len(await statistics(aws, "rounded", start=MINUTE + 59.5)) == 1
    assert await statistics(aws, "rounded", start=MINUTE + 60) == []


async def test_query_from_within_a_minute_unfixed_leaves_it_out(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """MiniStack alone compares the start as it stands."""
    from localcloud.ministack.fixes import metric_queries  # noqa: PLC0415 - after MiniStack is configured

    ministack.put_metrics([point("rounded-unfixed", {1: 1})])
    with metric_queries.FIX.undone():
        assert await statistics(aws, "rounded-unfixed", start=MINUTE + 59.5) == []


@pytest.mark.parametrize(("whole", "expected"), [(False, False), (True, True)])
def test_metrics_are_saved_on_the_last_save_alone(
    ministack: MiniStack,
    whole: bool,
    expected: bool,
) -> None:
    """A save every few seconds must not copy an evening's values."""
    ministack.put_metrics([point("saved", {123456789: 1})])
    taken = ministack._saved.take(frozenset({"cloudwatch"}), whole=whole)["cloudwatch"]  # noqa: SLF001
    assert ("123456789" in taken) is expected
