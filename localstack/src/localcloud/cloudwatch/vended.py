"""The metrics that API Gateway and Lambda publish of themselves: AWS's namespaces, names and dimensions."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING

from localcloud.cloudwatch.metrics import Dimensions, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.observations import FunctionInvoked, MessageSent, RequestServed

_API_GATEWAY = "AWS/ApiGateway"
_LAMBDA = "AWS/Lambda"
_EXACT_BELOW_MS = 10.0


def of_request(served: RequestServed) -> Iterator[tuple[Metric, float]]:
    """The values of one HTTP request or one event of a WebSocket connection, for each set of dimensions.

    Errors are 0 or 1 for each request, so that their average is the error rate.
    """
    values = _of_http(served) if served.protocol == "HTTP" else _of_websocket(served)
    route = served.route_key if served.detailed_metrics else ""
    for name, unit, value in values:
        for metric in _api_metrics(served.api_id, served.stage, route, name, unit):
            yield metric, value


def of_message(sent: MessageSent) -> Iterator[tuple[Metric, float]]:
    """A message to a client counts like one from it."""
    for metric in _api_metrics(sent.api_id, sent.stage, "", "MessageCount", "Count"):
        yield metric, 1


def of_invocation(invoked: FunctionInvoked) -> Iterator[tuple[Metric, float]]:
    """The values of one invocation. One that was throttled is neither an invocation nor an error."""
    values: list[tuple[str, str, float]] = [("Throttles", "Count", invoked.throttled)]
    if not invoked.throttled:
        values += [
            ("Invocations", "Count", 1),
            ("Errors", "Count", bool(invoked.error)),
            ("Duration", "Milliseconds", _rounded(invoked.duration_ms)),
        ]
    for name, unit, value in values:
        for metric in _function_metrics(invoked.function_name, name, unit):
            yield metric, value


def _of_http(served: RequestServed) -> Iterator[tuple[str, str, float]]:
    yield "Count", "Count", 1
    yield "4xx", "Count", _is_client_error(served.status)
    yield "5xx", "Count", served.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    yield "DataProcessed", "Bytes", served.data_processed
    yield "Latency", "Milliseconds", round(served.latency_ms)
    if served.integration_latency_ms is not None:
        yield "IntegrationLatency", "Milliseconds", round(served.integration_latency_ms)


def _of_websocket(served: RequestServed) -> Iterator[tuple[str, str, float]]:
    if served.event_type == "CONNECT":
        yield "ConnectCount", "Count", 1
    elif served.event_type == "MESSAGE":
        yield "MessageCount", "Count", 1
    was_integrated = served.integration_latency_ms is not None
    yield "ClientError", "Count", not was_integrated and _is_client_error(served.status)
    yield "ExecutionError", "Count", served.integration_failed
    if served.integration_latency_ms is not None:
        has_failed = not served.integration_failed and served.status >= HTTPStatus.BAD_REQUEST
        yield "IntegrationError", "Count", has_failed
        yield "IntegrationLatency", "Milliseconds", round(served.integration_latency_ms)


def _is_client_error(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _rounded(milliseconds: float) -> float:
    """Tenths below 10 ms, whole milliseconds above: a period has few distinct values, however many calls."""
    return round(milliseconds, 1) if milliseconds < _EXACT_BELOW_MS else round(milliseconds)


@functools.lru_cache(maxsize=4096)
def _api_metrics(api_id: str, stage: str, route_key: str, name: str, unit: str) -> tuple[Metric, ...]:
    """Of the API, of its stage, and where a route is named of that."""
    of_api: Dimensions = (("ApiId", api_id),)
    of_stage = (*of_api, ("Stage", stage))
    wanted = [of_api, of_stage, (*of_stage, ("Route", route_key))] if route_key else [of_api, of_stage]
    return tuple(Metric(_API_GATEWAY, name, dimensions, unit) for dimensions in wanted)


@functools.lru_cache(maxsize=4096)
def _function_metrics(function: str, name: str, unit: str) -> tuple[Metric, ...]:
    """Of the function, and of all functions together."""
    return (
        Metric(_LAMBDA, name, (("FunctionName", function),), unit),
        Metric(_LAMBDA, name, (), unit),
    )
