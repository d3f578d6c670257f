"""What a connection's lifecycle asks its driver to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invoke:
    """Invoke a function, and report its outcome under ``request_id``."""

    request_id: str
    function: str
    payload: bytes
    timeout: float
    """Seconds after which the outcome is that the invocation timed out."""


@dataclass(frozen=True, slots=True)
class Accept:
    """Answer the upgrade with 101."""

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
