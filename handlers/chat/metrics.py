"""Metrics of the chat, in CloudWatch's embedded metric format: members of the line of an invocation.

CloudWatch reads them out of the log, so recording one costs no call. What each means is told in
docs/operations.md.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMESPACE = "Parley"
STACK = "Stack"
"""The dimension that tells one deployment of an account from another: the prefix of its functions' names."""
CODE = "Code"
"""The dimension of errors by their code."""
MOST_VALUES = 100
"""CloudWatch takes as many values of a metric in one line."""


class Metric(Enum):
    """Every metric, by its name in CloudWatch, with its unit there."""

    MESSAGES_SENT = "MessagesSent", "Count"
    SEND_DURATION = "SendDuration", "Milliseconds"
    FAN_OUT_LAG = "FanOutLag", "Milliseconds"
    GONE_CONNECTIONS = "GoneConnections", "Count"
    UNREACHED_CONNECTIONS = "UnreachedConnections", "Count"
    CONNECTIONS_OPENED = "ConnectionsOpened", "Count"
    CONNECTIONS_CLOSED = "ConnectionsClosed", "Count"
    CONNECTION_DURATION = "ConnectionDuration", "Seconds"
    NOTIFICATIONS_SENT = "NotificationsSent", "Count"
    NOTIFICATIONS_FAILED = "NotificationsFailed", "Count"
    ERRORS = "Errors", "Count"
    CANARY_SUCCESS = "CanarySuccess", "Count"
    CANARY_DELIVERY = "CanaryDelivery", "Milliseconds"


_recorded: dict[Metric, list[float]] = {}


def record(metric: Metric, value: float = 1) -> None:
    """Note a value of this invocation, from any of its threads; values of a count add up."""
    _recorded.setdefault(metric, []).append(value)


@contextmanager
def timed(metric: Metric) -> Iterator[None]:
    """Note how long something took that did not fail, in milliseconds."""
    started = time.perf_counter()
    yield
    record(metric, round((time.perf_counter() - started) * 1_000, 1))


def take(error_code: str = "") -> dict[str, Any]:
    """Give what this invocation has recorded as members of its line, and begin anew; none for nothing.

    Args:
        error_code: what the invocation ended in, if in an error.
    """
    values = {metric: _written(metric, found) for metric, found in _recorded.items()}
    _recorded.clear()
    directives = [_directive(list(values), [[STACK]])] if values else []
    members: dict[str, Any] = {metric.value[0]: written for metric, written in values.items()}
    if error_code:
        directives.append(_directive([Metric.ERRORS], [[STACK], [STACK, CODE]]))
        members |= {CODE: error_code, Metric.ERRORS.value[0]: 1}
    if not directives:
        return {}
    metadata = {"Timestamp": int(time.time() * 1_000), "CloudWatchMetrics": directives}
    return {"_aws": metadata, STACK: _stack(), **members}


def _written(metric: Metric, values: Sequence[float]) -> float | Sequence[float]:
    if metric.value[1] == "Count":
        return sum(values)
    return values[-MOST_VALUES:] if len(values) > 1 else values[0]


def _directive(metrics: Sequence[Metric], dimensions: Sequence[Sequence[str]]) -> dict[str, Any]:
    named = [{"Name": name, "Unit": unit} for name, unit in (metric.value for metric in metrics)]
    return {"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": named}


def _stack() -> str:
    """Every function is called after its stack and its entry, as `parley-send-message`; a test sees to it."""
    entry = os.environ.get("_HANDLER", "").removesuffix(".handler").replace("_", "-")
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local").removesuffix(f"-{entry}")
