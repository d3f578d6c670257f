"""The metrics that API Gateway and Lambda publish, and how they are gathered before they are stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cloudwatch import MetricsExporter
from localcloud.observations import FunctionInvoked, LogWritten, MessageSent, Observation, RequestServed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.cloudwatch.metrics import DataPoint

MINUTE = 1_795_223_580
API = (("ApiId", "abc"),)
STAGE = (*API, ("Stage", "v1"))
FUNCTION = (("FunctionName", "send"),)


@dataclass
class FakeStore:
    """CloudWatch, remembering what it was given."""

    points: list[DataPoint] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def put_metrics(self, points: Sequence[DataPoint]) -> None:
        """Remember the values."""
        self.points += points
        self.arrived.set()

    def named(self, name: str, dimensions: tuple[tuple[str, str], ...]) -> dict[float, int]:
        """The counts of the values of a metric."""
        found = [p for p in self.points if p.metric.name == name and p.metric.dimensions == dimensions]
        return dict(found[0].counts) if found else {}


@dataclass
class FakeClock:
    """A clock that is set."""

    time: float = MINUTE + 40.25

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


def served(status: int = 200, **changes: Any) -> RequestServed:
    """An HTTP request that took 20.4 ms, 15.6 of them in its integration."""
    facts = {
        "api_id": "abc",
        "stage": "v1",
        "protocol": "HTTP",
        "route_key": "GET /me",
        "status": status,
        "latency_ms": 20.4,
        "integration_latency_ms": 15.6,
        "integration_failed": False,
        "context": dict,
    }
    return RequestServed(**{**facts, **changes})


def event(kind: str, status: int = 200, **changes: Any) -> RequestServed:
    """An event of a WebSocket connection."""
    return served(status, protocol="WEBSOCKET", event_type=kind, connection_id="c=", **changes)


def invoked(error: str = "", *, throttled: bool = False, duration_ms: float = 3.14) -> FunctionInvoked:
    """An invocation of the function ``send``."""
    return FunctionInvoked("send", "r1", duration_ms, None, error, throttled)


def stored(*observations: Observation) -> FakeStore:
    """What is stored for observations."""
    store = FakeStore()
    exporter = MetricsExporter(store, FakeClock())
    for observation in observations:
        exporter.note(observation)
    exporter.flush()
    return store


@pytest.mark.parametrize("dimensions", [API, STAGE])
def test_http_requests_are_counted_by_api_and_by_stage(dimensions: tuple[tuple[str, str], ...]) -> None:
    """Count, 4xx, 5xx, Latency and IntegrationLatency; errors are 0 or 1 of each request."""
    refused = served(404, integration_latency_ms=None, latency_ms=1.0)
    store = stored(served(), served(), refused, served(503, integration_failed=True))
    assert store.named("Count", dimensions) == {1: 4}
    assert store.named("4xx", dimensions) == {0: 3, 1: 1}
    assert store.named("5xx", dimensions) == {0: 3, 1: 1}
    assert store.named("Latency", dimensions) == {20: 3, 1: 1}
    assert store.named("IntegrationLatency", dimensions) == {16: 3}


def test_http_data_processed_is_of_bodies_both_ways() -> None:
    """In bytes."""
    store = stored(served(data_processed=120), served(data_processed=30))
    assert store.named("DataProcessed", STAGE) == {120: 1, 30: 1}


@pytest.mark.parametrize(("detailed", "count"), [(True, {1: 1}), (False, {})])
def test_routes_have_metrics_where_the_stage_wants_them(detailed: bool, count: dict[float, int]) -> None:
    """DetailedMetricsEnabled: by ApiId, Stage and Route, of both kinds of API."""
    for store, name, route in (
        (stored(served(detailed_metrics=detailed)), "Count", "GET /me"),
        (stored(event("MESSAGE", route_key="send", detailed_metrics=detailed)), "MessageCount", "send"),
    ):
        assert store.named(name, (*STAGE, ("Route", route))) == count
        assert store.named(name, STAGE) == {1: 1}


def test_metrics_have_awss_namespace_units_and_whole_minutes() -> None:
    """Timestamps are the minute's beginning."""
    store = stored(served(), invoked())
    units = {point.metric.name: (point.metric.namespace, point.metric.unit) for point in store.points}
    assert units["Count"] == ("AWS/ApiGateway", "Count")
    assert units["Latency"] == ("AWS/ApiGateway", "Milliseconds")
    assert units["Duration"] == ("AWS/Lambda", "Milliseconds")
    assert {point.timestamp for point in store.points} == {MINUTE}


def test_websocket_connects_and_messages_are_counted_both_ways() -> None:
    """MessageCount is of messages from and to the client; $disconnect is neither."""
    store = stored(event("CONNECT"), event("MESSAGE"), event("DISCONNECT"), MessageSent("abc", "v1", "c=", 9))
    assert store.named("ConnectCount", STAGE) == {1: 1}
    assert store.named("MessageCount", STAGE) == {1: 2}
    assert store.named("IntegrationLatency", STAGE) == {16: 3}
    assert store.named("Count", STAGE) == {}


def test_websocket_errors_are_told_apart_by_whose_they_are() -> None:
    """Refused before the integration, not to be called, and called with an error for an answer."""
    store = stored(
        event("MESSAGE", 403, integration_latency_ms=None),
        event("MESSAGE", 500, integration_failed=True),
        event("CONNECT", 401),
    )
    assert store.named("ClientError", STAGE) == {0: 2, 1: 1}
    assert store.named("ExecutionError", STAGE) == {0: 2, 1: 1}
    assert store.named("IntegrationError", STAGE) == {0: 1, 1: 1}


def test_lambda_counts_invocations_errors_and_durations() -> None:
    """By function, and of all functions together."""
    store = stored(invoked(), invoked("Sandbox.Timedout", duration_ms=3000.4))
    for dimensions in (FUNCTION, ()):
        assert store.named("Invocations", dimensions) == {1: 2}
        assert store.named("Errors", dimensions) == {0: 1, 1: 1}
        assert store.named("Throttles", dimensions) == {0: 2}
        assert store.named("Duration", dimensions) == {3.1: 1, 3000: 1}


def test_throttled_invocation_is_neither_invocation_nor_error() -> None:
    """As AWS counts them."""
    store = stored(invoked(throttled=True))
    assert {point.metric.name for point in store.points} == {"Throttles"}
    assert store.named("Throttles", FUNCTION) == {1: 1}


def test_metric_in_a_log_line_is_stored_at_its_second() -> None:
    """The embedded metric format, of high resolution here."""
    metric = '{"Name":"depth","StorageResolution":1}'
    directive = f'{{"Namespace":"Chat","Dimensions":[["room"]],"Metrics":[{metric}]}}'
    aws = f'{{"Timestamp":{MINUTE * 1000 + 7400},"CloudWatchMetrics":[{directive}]}}'
    line = f'{{"_aws":{aws},"room":"r1","depth":[3,3,4]}}'
    (point,) = stored(LogWritten("/aws/lambda/send", MINUTE * 1000, line)).points
    assert (point.metric.namespace, point.metric.dimensions) == ("Chat", (("room", "r1"),))
    assert (point.timestamp, point.counts) == (MINUTE + 7, {3: 2, 4: 1})


def test_log_line_without_metrics_stores_nothing() -> None:
    """Also where it is JSON."""
    assert stored(LogWritten("/aws/lambda/send", MINUTE * 1000, '{"level":"INFO"}')).points == []


async def test_values_are_stored_by_themselves_and_the_rest_at_the_end() -> None:
    """Every few seconds while it runs, then once more when it is closed."""
    store = FakeStore()
    exporter = MetricsExporter(store, FakeClock(), flush_seconds=0.01)
    exporter.start()
    exporter.note(served())
    async with asyncio.timeout(20):
        await store.arrived.wait()
    count = len(store.points)
    exporter.note(served())
    await exporter.close()
    assert len(store.points) == 2 * count


async def test_values_that_cannot_be_stored_cost_no_later_ones(caplog: pytest.LogCaptureFixture) -> None:
    """The fault is logged, and the next are stored."""

    class Broken(FakeStore):
        def put_metrics(self, points: Sequence[DataPoint]) -> None:
            super().put_metrics(points)
            if len(self.points) == len(points):
                raise ValueError("the first time")

    store = Broken()
    exporter = MetricsExporter(store, FakeClock(), flush_seconds=0.01)
    exporter.start()
    for _ in range(2):
        store.arrived.clear()
        exporter.note(served())
        async with asyncio.timeout(20):
            await store.arrived.wait()
    await exporter.close()
    assert "the first time" in caplog.text
