"""What a connection's lifecycle asks its driver to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invoke:
    """Invoke a function, and report its outcome under ``invocation_id``."""

    invocation_id: str
    function: str
    payload: bytes
    timeout: float
    """Seconds after which the outcome is that the invocation timed out."""
    source_arn: str | None = None
    """The method or authorizer that the function's own policy must let API Gateway invoke it for; None where
    a role of the integration's own allows it."""


@dataclass(frozen=True, slots=True)
class Accept:
    """Answer the upgrade with 101, and report once that is on its way."""

    subprotocol: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Answer the upgrade with an HTTP response; nothing follows."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class SendText:
    """Send one text message, and report once it is written."""

    text: str
    size: int
    """Bytes of the text in UTF-8."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the WebSocket, and report once it is closed."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Forget:
    """The connection is over: its id names nothing any more."""


Effect = Invoke | Accept | Reject | SendText | Close | Forget
