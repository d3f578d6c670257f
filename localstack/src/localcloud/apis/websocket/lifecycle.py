"""One WebSocket connection's life without I/O: what happens to it goes in, what must be done comes out."""

from __future__ import annotations

import enum
import logging
from typing import TYPE_CHECKING

from localcloud.apis.identifiers import new_identifier
from localcloud.apis.integrations import Failure, Outcome, ProxyResponse, proxy_response
from localcloud.apis.websocket.effects import Accept, Close, Effect, Forget, Invoke, Reject, SendText
from localcloud.apis.websocket.events import (
    Connection,
    Handshake,
    disconnect_event,
    error_text,
    message_event,
)
from localcloud.apis.websocket.limits import (
    CLOSING_SECONDS,
    IDLE_SECONDS,
    LIFE_SECONDS,
    MAXIMUM_MESSAGE_BYTES,
    OUTGOING_LIMIT_BYTES,
    ConnectionGoneError,
    OutgoingBufferFullError,
    PayloadTooLargeError,
)
from localcloud.apis.websocket.opening import THROTTLED, Opening
from localcloud.apis.websocket.requests import PendingRequest, Requests
from localcloud.observations import ConnectionClosed, ConnectionOpened

if TYPE_CHECKING:
    from localcloud.apis.policies import Refused
    from localcloud.apis.resources import Api
    from localcloud.apis.throttling import Throttles
    from localcloud.observations import Observations

logger = logging.getLogger(__name__)


class State(enum.Enum):
    """Where a connection stands."""

    CONNECTING = enum.auto()
    """Until the 101 is on its way."""
    OPEN = enum.auto()
    CLOSING = enum.auto()
    """A close frame is on its way out; nothing else will be."""
    CLOSED = enum.auto()


class Lifecycle:
    """The state of one connection. Every method takes an event and gives the effects that follow from it.

    Times are seconds since the epoch, given by the caller. Nothing here waits, reads or writes.
    """

    def __init__(
        self,
        connection: Connection,
        handshake: Handshake,
        api: Api,
        throttles: Throttles,
        observations: Observations,
    ) -> None:
        """Begin with an upgrade that a client asks for.

        Args:
            connection: what stays the same for the connection's life.
            handshake: the upgrade request.
            api: the API as it is deployed.
            throttles: are asked whether a request may pass.
            observations: are told of the connection and of its requests.
        """
        self.connection = connection
        self.state = State.CONNECTING
        self.last_active_at = connection.connected_at
        self.outgoing_bytes = 0
        self._observations = observations
        self._requests = Requests(connection, api, throttles, observations)
        self._opening: Opening | None = Opening(connection, handshake, self._requests)
        self._accepting = False
        self._closing_since = 0.0
        self._left: tuple[int, str, float] | None = None

    @property
    def outgoing_full(self) -> bool:
        """Whether so much waits for the client that no frame of it should be read either."""
        return self.outgoing_bytes >= OUTGOING_LIMIT_BYTES

    def deployed(self, api: Api | None) -> None:
        """The API as it is deployed now, which serves the next frame; None once it is deleted."""
        self._requests.api = api

    # The handshake.

    def handshake_asked(self, refused: Refused | None = None) -> list[Effect]:
        """The client asks to connect: its authorizer, its ``$connect`` integration, a 101 or a refusal.

        Args:
            refused: what already speaks against it, whatever the route.
        """
        return self._opened_or_refused(self._opening.ask(refused)) if self._opening else []

    def accepted(self, now: float) -> None:
        """The 101 is on its way: the connection is open, unless the client left before."""
        if self.state is not State.CONNECTING:
            return
        self.state = State.OPEN
        self.last_active_at = now
        # Thousands of connections may stand open, and none needs its handshake any more.
        self._opening = None
        connection = self.connection
        self._observations.publish(
            ConnectionOpened(connection.api_id, connection.stage.stage_name, connection.connection_id)
        )

    def _opened_or_refused(self, effect: Invoke | Accept | Reject) -> list[Effect]:
        if isinstance(effect, Reject):
            self.state = State.CLOSED
            return [Forget()] if self._left else [effect, Forget()]
        if self._left is None:
            self._accepting = isinstance(effect, Accept)
            return [effect]
        if isinstance(effect, Accept):
            # The client left while $connect ran: what $connect registered must still hear of the end.
            return self._end(*self._left)
        self.state = State.CLOSED
        return [Forget()]

    # Frames, and what integrations answer.

    def frame_received(self, data: str | bytes, now: float) -> list[Effect]:
        """A whole message of the client, text or binary; its integration or an error frame follows."""
        if self.state is not State.OPEN:
            return []
        self.last_active_at = now
        if isinstance(data, bytes):
            return self._close(1003, "Binary is not supported", now)
        if len(data) > MAXIMUM_MESSAGE_BYTES or len(data.encode()) > MAXIMUM_MESSAGE_BYTES:
            return self._close(1009, "Message too long", now)
        route = self._requests.selected_route(data)
        request = PendingRequest("MESSAGE", new_identifier(), now, route, new_identifier())
        if not self._requests.admit(request):
            return self._send_error(request, THROTTLED.status, THROTTLED.message, now)
        if route is None or route.api_key_required:
            return self._send_error(request, 403, "Forbidden", now)
        payload = message_event(
            self.connection,
            route.route_key,
            data,
            request.request_id,
            request.message_id,
            now,
            self._requests.authorizer,
        )
        return self._integrate(request, payload, now)

    def invocation_ended(self, invocation_id: str, outcome: Outcome, now: float) -> list[Effect]:
        """What came of an ``Invoke``; a later outcome of the same invocation changes nothing."""
        request = self._requests.invoked(invocation_id, now)
        if request is None:
            return []
        if request.event_type == "CONNECT" and self._opening:
            return self._opened_or_refused(self._opening.invocation_ended(request, outcome, now))
        return self._integrated(request, proxy_response(outcome), now)

    def _integrate(self, request: PendingRequest, payload: bytes, now: float) -> list[Effect]:
        answer = self._requests.integrate(request, payload, now)
        return [answer] if isinstance(answer, Invoke) else self._integrated(request, answer, now)

    def _integrated(
        self, request: PendingRequest, answer: ProxyResponse | Failure, now: float
    ) -> list[Effect]:
        if isinstance(answer, Failure):
            logger.warning("Route %s of %s: %s.", request.route_key, self.connection.api_id, answer.value)
            if self.state is State.OPEN:
                return self._send_error(request, 500, "Internal server error", now, integration_failed=True)
            self._requests.answered(request, 500, now, integration_failed=True)
            return []
        request.integration_status = answer.status_code
        self._requests.answered(request, answer.status_code, now)
        responds = request.route is not None and request.route.responds
        if not answer.body or not responds or self.state is not State.OPEN:
            return []
        return self._send(answer.body, now)

    def _send(self, text: str, now: float) -> list[Effect]:
        size = len(text.encode())
        self.outgoing_bytes += size
        self.last_active_at = now
        return [SendText(text, size)]

    def _send_error(
        self,
        request: PendingRequest,
        status: int,
        message: str,
        now: float,
        *,
        integration_failed: bool = False,
    ) -> list[Effect]:
        request.error = message
        self._requests.answered(request, status, now, integration_failed=integration_failed)
        return self._send(error_text(message, self.connection.connection_id, request.request_id), now)

    # The @connections management API.

    def post_asked(self, data: bytes, now: float) -> list[Effect]:
        """A backend posts to the client; the text frame follows.

        Raises:
            ConnectionGoneError: not open yet (during its own ``$connect``), or not any more.
            PayloadTooLargeError: more than 128 KB.
            OutgoingBufferFullError: the client does not read.
        """
        if self.state is not State.OPEN:
            raise ConnectionGoneError
        if len(data) > MAXIMUM_MESSAGE_BYTES:
            raise PayloadTooLargeError
        if self.outgoing_bytes + len(data) > OUTGOING_LIMIT_BYTES:
            raise OutgoingBufferFullError
        return self._send(data.decode("utf-8", "replace"), now)

    def delete_asked(self, now: float) -> list[Effect]:
        """A backend closes the connection.

        Raises:
            ConnectionGoneError: it is not open.
        """
        if self.state is not State.OPEN:
            raise ConnectionGoneError
        return self._close(1000, "Connection Closed Normally", now)

    # The end, and time.

    def text_written(self, size: int) -> None:
        """``size`` bytes of what waited for the client are written."""
        self.outgoing_bytes -= size

    def tick(self, now: float) -> list[Effect]:
        """Time has passed: an idle connection (10 min) and an old one (2 h) are closed."""
        if self.state is State.OPEN and (
            now - self.last_active_at >= IDLE_SECONDS or now - self.connection.connected_at >= LIFE_SECONDS
        ):
            return self._close(1001, "Going away", now)
        if self.state is State.CLOSING and now - self._closing_since >= CLOSING_SECONDS:
            return self.socket_closed(1006, "", now)
        return []

    def socket_closed(self, code: int, reason: str, now: float) -> list[Effect]:
        """The WebSocket is closed, by whomever; the ``$disconnect`` integration follows, best effort."""
        if self.state is State.CLOSED:
            return []
        if self.state is State.CONNECTING and not self._accepting:
            # Nothing is registered until $connect has answered; then it hears of this end.
            self._left = self._left or (code, reason, now)
            return []
        return self._end(code, reason, now)

    def _close(self, code: int, reason: str, now: float) -> list[Effect]:
        self.state = State.CLOSING
        self._closing_since = now
        return [Close(code, reason)]

    def _end(self, code: int, reason: str, now: float) -> list[Effect]:
        connection = self.connection
        if self.state is not State.CONNECTING:
            self._observations.publish(
                ConnectionClosed(
                    connection.api_id, connection.stage.stage_name, connection.connection_id, code, reason
                )
            )
        self.state = State.CLOSED
        route = self._requests.route("$disconnect")
        if route is None:
            return [Forget()]
        request = PendingRequest("DISCONNECT", new_identifier(), now, route)
        payload = disconnect_event(
            connection, request.request_id, code, reason, now, self._requests.authorizer
        )
        return [*self._integrate(request, payload, now), Forget()]
