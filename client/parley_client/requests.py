"""The requests that wait for an answer, each on one connection and each with a timer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .client_frames import Request
from .effects import CancelTimer, Effect, SendFrame, StartTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .connections import Connections


class _Sent(msgspec.Struct, frozen=True):
    request: Request
    connection: int


class Requests:
    """What was asked and not yet answered.

    Request ids are unique over the session's life, so an answer that comes late, or over a connection that is
    being replaced, finds its own request or none.
    """

    def __init__(self, emit: Callable[[Effect], None], connections: Connections, timeout: float) -> None:
        """Emit effects through `emit`; a request times out after `timeout` seconds."""
        self._emit = emit
        self._connections = connections
        self._timeout = timeout
        self._sent: dict[str, _Sent] = {}
        self._count = 0

    @property
    def possible(self) -> bool:
        """Whether there is a connection to send requests on."""
        return self._connections.current is not None

    def next_id(self) -> str:
        """Return an id that no request of this session has had."""
        self._count += 1
        return f"r{self._count}"

    def send(self, request: Request) -> None:
        """Send a request on the current connection, if there is one; its timer runs in any case."""
        if (connection := self._connections.current) is not None:
            self._sent[request.request_id] = _Sent(request, connection)
            self._emit(SendFrame(connection=connection, frame=request))
        self.hold(request)

    def hold(self, request: Request) -> None:
        """Start a request's timer, whether or not it could be sent."""
        self._emit(StartTimer(timer=f"request:{request.request_id}", delay=self._timeout))

    def finish(self, request_id: str) -> Request | None:
        """Stop waiting; return the request, or None if nothing waits under this id."""
        if (sent := self._sent.pop(request_id, None)) is None:
            return None
        self._emit(CancelTimer(timer=f"request:{request_id}"))
        return sent.request

    def timed_out(self, request_id: str) -> Request | None:
        """Stop waiting because the timer has fired."""
        sent = self._sent.pop(request_id, None)
        return sent.request if sent else None

    def on(self, connection: int | None) -> list[str]:
        """Return the ids of the requests that wait on a connection, the oldest first."""
        return [request_id for request_id, sent in self._sent.items() if sent.connection == connection]
