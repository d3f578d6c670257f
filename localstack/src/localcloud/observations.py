"""What happens in localcloud, told to whoever listens: metrics, access logs, the dashboard.

Publishing is on the path of every message: listeners only note what they are told and return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec


class RequestServed(msgspec.Struct, frozen=True):
    """API Gateway has answered an HTTP request, or has dealt with an event of a WebSocket connection."""

    api_id: str
    stage: str
    protocol: str
    """``HTTP`` or ``WEBSOCKET``."""
    route_key: str
    """Empty where no route was found."""
    status: int
    """The HTTP status, or the one that API Gateway logs for the event."""
    latency_ms: float
    """From the request's arrival to the answer's leaving."""
    integration_latency_ms: float | None
    """What of it the integration took; None where none was called."""
    integration_failed: bool
    """Whether the integration gave no usable answer."""
    context: Callable[[], Mapping[str, str]]
    """The ``$context`` variables of access logs, without the prefix; made only where somebody asks."""
    event_type: str = ""
    """``CONNECT``, ``MESSAGE`` or ``DISCONNECT`` of a WebSocket event."""
    connection_id: str = ""
    data_processed: int = 0
    """Bytes of an HTTP request's and its response's bodies."""
    detailed_metrics: bool = False
    """Whether the stage wants metrics of this route by itself."""


class ConnectionOpened(msgspec.Struct, frozen=True):
    """A WebSocket connection is open: its $connect was accepted."""

    api_id: str
    stage: str
    connection_id: str


class ConnectionClosed(msgspec.Struct, frozen=True):
    """A connection that was open is over."""

    api_id: str
    stage: str
    connection_id: str
    code: int
    reason: str


class MessageSent(msgspec.Struct, frozen=True):
    """A text message was sent to a client: an answer of a route, an error, or a post by @connections."""

    api_id: str
    stage: str
    connection_id: str
    size: int
    """Bytes."""


class FunctionInvoked(msgspec.Struct, frozen=True):
    """An invocation of a Lambda function is over."""

    function_name: str
    request_id: str
    duration_ms: float
    """How long the handler ran; 0 where it was never called."""
    initialization_ms: float | None
    """How long the environment's start took, where this invocation was its first."""
    error: str
    """What the function or its environment failed with, in one line; empty where it returned."""
    throttled: bool


class LogWritten(msgspec.Struct, frozen=True):
    """A line of a function's log."""

    group: str
    at: int
    """Milliseconds since the epoch."""
    text: str


class TablesServed(msgspec.Struct, frozen=True):
    """DynamoDB has answered a data operation."""

    operation: str
    tables: tuple[str, ...]
    """Those that the request names; PartiQL's names none."""
    latency_ms: float
    status: int
    error: str
    """DynamoDB's code; empty where it succeeded."""
    consumed: tuple[Consumed, ...]


class Consumed(msgspec.Struct, frozen=True):
    """What a request has consumed of the capacity of a table, or of one of its indexes."""

    table: str
    index: str
    """Empty for the table itself."""
    units: float


class ViewerServed(msgspec.Struct, frozen=True):
    """CloudFront has answered a viewer's request."""

    distribution_id: str
    status: int
    uploaded: int
    """Bytes of the request's body."""
    downloaded: int
    """Bytes of the answer's body."""


class UserPoolAnswered(msgspec.Struct, frozen=True):
    """Cognito has answered somebody who signs up or in, or asks for new tokens."""

    user_pool: str
    client: str
    """Its id; ``Admin`` for a user whom an administrator makes."""
    request: Literal["SignUp", "SignIn", "TokenRefresh"]
    succeeded: bool


Observation = (
    RequestServed
    | ConnectionOpened
    | ConnectionClosed
    | MessageSent
    | FunctionInvoked
    | LogWritten
    | TablesServed
    | ViewerServed
    | UserPoolAnswered
)


class Observations:
    """Passes what is published to every listener, at once and in order."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._listeners: list[Callable[[Observation], None]] = []

    def listen(self, listener: Callable[[Observation], None]) -> None:
        """Call ``listener`` with every observation from now on; it must neither wait nor raise."""
        self._listeners.append(listener)

    def publish(self, observation: Observation) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            listener(observation)
