"""The metrics that API Gateway and Lambda publish of themselves: AWS's namespaces, names and dimensions.

Each request and invocation comes by here, so it only counts in a tally of its minute; metrics with their
dimensions are made of the tallies when they are stored.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.cloudwatch.metrics import STANDARD_RESOLUTION, DataPoint, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud.cloudwatch.metrics import Dimensions
    from localcloud.observations import FunctionInvoked, MessageSent, RequestServed

_API_GATEWAY = "AWS/ApiGateway"
_LAMBDA = "AWS/Lambda"
_EXACT_BELOW_MS = 10.0

_Counts = dict[float, int]
_Named = tuple[str, str, "Mapping[float, int]"]
"""A metric's name and unit, and how often each value was seen."""


@dataclass(slots=True)
class _HttpTally:
    """HTTP requests of one minute."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    latencies: _Counts = field(default_factory=dict)
    integration_latencies: _Counts = field(default_factory=dict)
    bytes_processed: _Counts = field(default_factory=dict)

    def note(self, served: RequestServed) -> None:
        self.requests += 1
        if served.status >= 500:  # noqa: PLR2004 - HTTP's classes of status
            self.server_errors += 1
        elif served.status >= 400:  # noqa: PLR2004 - HTTP's classes of status
            self.client_errors += 1
        _count(self.latencies, round(served.latency_ms))
        _count(self.bytes_processed, served.data_processed)
        if served.integration_latency_ms is not None:
            _count(self.integration_latencies, round(served.integration_latency_ms))

    def values(self) -> Iterator[_Named]:
        """Errors are 0 or 1 of each request, so that their average is the error rate."""
        yield "Count", "Count", {1: self.requests}
        yield "4xx", "Count", _yes_and_no(self.client_errors, self.requests)
        yield "5xx", "Count", _yes_and_no(self.server_errors, self.requests)
        yield "Latency", "Milliseconds", self.latencies
        yield "IntegrationLatency", "Milliseconds", self.integration_latencies
        yield "DataProcessed", "Bytes", self.bytes_processed


@dataclass(slots=True)
class _WebSocketTally:
    """Events of WebSocket connections, and messages to them, of one minute."""

    connects: int = 0
    messages: int = 0
    events: int = 0
    client_errors: int = 0
    execution_errors: int = 0
    integration_errors: int = 0
    integrations: int = 0
    integration_latencies: _Counts = field(default_factory=dict)

    def note(self, served: RequestServed) -> None:
        self.events += 1
        if served.event_type == "MESSAGE":
            self.messages += 1
        elif served.event_type == "CONNECT":
            self.connects += 1
        self.execution_errors += served.integration_failed
        has_error = served.status >= 400  # noqa: PLR2004 - HTTP's classes of status
        if served.integration_latency_ms is None:
            self.client_errors += has_error and served.status < 500  # noqa: PLR2004 - HTTP's classes of status
        else:
            self.integrations += 1
            self.integration_errors += has_error and not served.integration_failed
            _count(self.integration_latencies, round(served.integration_latency_ms))

    def values(self) -> Iterator[_Named]:
        """Errors are 0 or 1 of each event; a message to a client counts like one from it."""
        yield "ConnectCount", "Count", {1: self.connects}
        yield "MessageCount", "Count", {1: self.messages}
        yield "ClientError", "Count", _yes_and_no(self.client_errors, self.events)
        yield "ExecutionError", "Count", _yes_and_no(self.execution_errors, self.events)
        yield "IntegrationError", "Count", _yes_and_no(self.integration_errors, self.integrations)
        yield "IntegrationLatency", "Milliseconds", self.integration_latencies


@dataclass(slots=True)
class _FunctionTally:
    """A function's invocations of one minute. One that was throttled is neither invocation nor error."""

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    durations: _Counts = field(default_factory=dict)

    def note(self, invoked: FunctionInvoked) -> None:
        if invoked.throttled:
            self.throttles += 1
            return
        self.invocations += 1
        if invoked.error:
            self.errors += 1
        duration = invoked.duration_ms
        # Few distinct values, however many calls: tenths below 10 ms, whole milliseconds above.
        _count(self.durations, round(duration, 1) if duration < _EXACT_BELOW_MS else round(duration))

    def values(self) -> Iterator[_Named]:
        yield "Invocations", "Count", {1: self.invocations}
        yield "Errors", "Count", _yes_and_no(self.errors, self.invocations)
        yield "Throttles", "Count", _yes_and_no(self.throttles, self.throttles + self.invocations)
        yield "Duration", "Milliseconds", self.durations


_Place = tuple[str, str, str, int]
"""API, stage, route (empty where the stage wants none by itself) and minute."""


class VendedMetrics:
    """Counts what is served and invoked, until it is taken."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._http: defaultdict[_Place, _HttpTally] = defaultdict(_HttpTally)
        self._websocket: defaultdict[_Place, _WebSocketTally] = defaultdict(_WebSocketTally)
        self._functions: defaultdict[tuple[str, int], _FunctionTally] = defaultdict(_FunctionTally)

    def request(self, served: RequestServed, now: float) -> None:
        """Count an HTTP request or an event of a WebSocket connection."""
        route = served.route_key if served.detailed_metrics else ""
        place = served.api_id, served.stage, route, int(now) // STANDARD_RESOLUTION
        if served.protocol == "HTTP":
            self._http[place].note(served)
        else:
            self._websocket[place].note(served)

    def message(self, sent: MessageSent, now: float) -> None:
        """Count a message to a client."""
        self._websocket[sent.api_id, sent.stage, "", int(now) // STANDARD_RESOLUTION].messages += 1

    def invocation(self, invoked: FunctionInvoked, now: float) -> None:
        """Count an invocation."""
        self._functions[invoked.function_name, int(now) // STANDARD_RESOLUTION].note(invoked)

    def take(self) -> Iterator[DataPoint]:
        """Everything counted since the last time, once for each set of dimensions."""
        http, self._http = self._http, defaultdict(_HttpTally)
        websocket, self._websocket = self._websocket, defaultdict(_WebSocketTally)
        functions, self._functions = self._functions, defaultdict(_FunctionTally)
        tallies: list[tuple[_Place, _HttpTally | _WebSocketTally]] = [*http.items(), *websocket.items()]
        for (api_id, stage, route, minute), tally in tallies:
            for dimensions in _of_api(api_id, stage, route):
                yield from _points(_API_GATEWAY, dimensions, minute, tally.values())
        for (name, minute), function in functions.items():
            of_function: Dimensions = (("FunctionName", name),)
            for dimensions in (of_function, ()):
                yield from _points(_LAMBDA, dimensions, minute, function.values())


def _of_api(api_id: str, stage: str, route: str) -> list[Dimensions]:
    of_api: Dimensions = (("ApiId", api_id),)
    of_stage = (*of_api, ("Stage", stage))
    return [of_api, of_stage, (*of_stage, ("Route", route))] if route else [of_api, of_stage]


def _points(
    namespace: str, dimensions: Dimensions, minute: int, values: Iterator[_Named]
) -> Iterator[DataPoint]:
    for name, unit, counts in values:
        seen = {value: count for value, count in counts.items() if count}
        if seen:
            yield DataPoint(Metric(namespace, name, dimensions, unit), minute * STANDARD_RESOLUTION, seen)


def _count(counts: _Counts, value: float) -> None:
    counts[value] = counts.get(value, 0) + 1


def _yes_and_no(yes: int, of: int) -> Mapping[float, int]:
    return {1: yes, 0: of - yes}
