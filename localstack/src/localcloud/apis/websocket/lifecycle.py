"""One WebSocket connection's life without I/O: what happens to it goes in, what must be done comes out."""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.apis.catalog import Api, Route, function_of
from localcloud.apis.identifiers import new_identifier
from localcloud.apis.integrations import Failure, Outcome, ProxyResponse, proxy_response
from localcloud.apis.policies import UNAUTHORIZED, Refused, judge
from localcloud.apis.websocket.authorizer import has_identity
from localcloud.apis.websocket.effects import Accept, Close, Effect, Forget, Invoke, Reject, SendText
from localcloud.apis.websocket.events import (
    Connection,
    Handshake,
    authorizer_event,
    connect_event,
    disconnect_event,
    error_text,
    message_event,
)
from localcloud.apis.websocket.selection import select_route
from localcloud.interfaces import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

MAXIMUM_MESSAGE_BYTES = 131_072
IDLE_SECONDS = 600.0
LIFE_SECONDS = 7200.0
AUTHORIZER_SECONDS = 10.0
INTEGRATION_SECONDS = 29.0
# What may wait for a client that does not read; AWS does not say how much it keeps.
OUTGOING_LIMIT_BYTES = 1_048_576
# How long a client may take to answer a close frame before the connection is given up.
CLOSING_SECONDS = 10.0

_MOCK_ANSWER = Invocation(request_id="", payload=b'{"statusCode":200}')


class ConnectionGoneError(Exception):
    """No open connection has this id: 410."""


class OutgoingBufferFullError(Exception):
    """The client does not read what already waits for it: 429."""


class PayloadTooLargeError(Exception):
    """More than 128 KB in one message: 413."""


class State(enum.Enum):
    """Where a connection stands."""

    CONNECTING = enum.auto()
    OPEN = enum.auto()
    CLOSING = enum.auto()
    """A close frame is on its way out; nothing else will be."""
    CLOSED = enum.auto()


@dataclass(frozen=True, slots=True)
class _Authorizing:
    """What a request waits for: the authorizer's decision about a route."""

    route: Route


class Lifecycle:
    """The state of one connection. Every method takes an event and gives the effects that follow from it.

    Times are seconds since the epoch, given by the caller. Nothing here waits, reads or writes.
    """

    def __init__(self, connection: Connection, handshake: Handshake, api: Api, method_arn: str) -> None:
        """Begin with an upgrade that a client asks for.

        Args:
            connection: what stays the same for the connection's life.
            handshake: the upgrade request.
            api: the API as it is deployed.
            method_arn: the ARN of connecting to the stage, for the authorizer.
        """
        self.connection = connection
        self.state = State.CONNECTING
        self.last_active_at = connection.connected_at
        self.outgoing_bytes = 0
        self.api: Api | None = api
        """The API as it is deployed now, kept so by the driver; None once it is deleted."""
        self._handshake = handshake
        self._method_arn = method_arn
        self._authorizer: Mapping[str, str] | None = None
        self._waiting: dict[str, _Authorizing | Route] = {}
        self._closing_since = 0.0
        self._left: tuple[int, str, float] | None = None

    @property
    def outgoing_full(self) -> bool:
        """Whether so much waits for the client that no frame of it should be read either."""
        return self.outgoing_bytes >= OUTGOING_LIMIT_BYTES

    # The handshake.

    def handshake_asked(self) -> list[Effect]:
        """The client asks to connect: the authorizer, the ``$connect`` integration, or a 101 follows."""
        route = self._route("$connect")
        if route is None:
            return self._accept(None)
        if route.authorization_type == "NONE":
            return self._invoke_connect(route)
        if route.authorization_type != "CUSTOM" or route.authorizer is None:
            logger.warning("$connect of %s wants an authorizer that is not here.", self.connection.api_id)
            return self._reject(500, "Internal server error")
        if not has_identity(route.authorizer, self._handshake, self.connection.stage):
            return self._reject(UNAUTHORIZED.status, UNAUTHORIZED.message)
        request_id = new_identifier()
        self._waiting[request_id] = _Authorizing(route)
        payload = authorizer_event(self.connection, self._handshake, request_id, self._method_arn)
        function = function_of(route.authorizer.authorizer_uri, self.connection.stage)
        return [Invoke(request_id, function, payload, AUTHORIZER_SECONDS)]

    def _authorizer_answered(self, route: Route, outcome: Outcome) -> list[Effect]:
        verdict = judge(outcome, self._method_arn)
        if isinstance(verdict, Refused):
            return self._reject(verdict.status, verdict.message)
        if self._left:
            self.state = State.CLOSED
            return [Forget()]
        self._authorizer = verdict.context
        return self._invoke_connect(route)

    def _invoke_connect(self, route: Route) -> list[Effect]:
        request_id = new_identifier()
        payload = connect_event(self.connection, self._handshake, request_id, self._authorizer)
        return self._invoke(route, request_id, payload, self.connection.connected_at)

    def _connect_answered(self, answer: ProxyResponse | Failure) -> list[Effect]:
        if isinstance(answer, Failure):
            return self._reject(504 if answer is Failure.TIMED_OUT else 502, "Internal server error")
        if 200 <= answer.status_code <= 299:  # noqa: PLR2004 - HTTP's successes
            return self._accept(answer.header("sec-websocket-protocol"))
        if 300 <= answer.status_code <= 599:  # noqa: PLR2004 - HTTP's refusals
            return self._reject(answer.status_code, "Forbidden", answer.body)
        return self._reject(502, "Internal server error")

    def _accept(self, subprotocol: str | None) -> list[Effect]:
        if self._left:
            # The client left while $connect ran: what $connect registered must still hear of the end.
            return self._end(*self._left)
        self.state = State.OPEN
        agreed = subprotocol if subprotocol in self._handshake.subprotocols else None
        # Thousands of connections may stand open, and none needs its handshake any more.
        self._handshake = Handshake()
        return [Accept(agreed)]

    def _reject(self, status: int, message: str, body: str | None = None) -> list[Effect]:
        self.state = State.CLOSED
        text = error_text(message, self.connection.connection_id, new_identifier()) if body is None else body
        return [Forget()] if self._left else [Reject(status, text), Forget()]

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
        request_id = new_identifier()
        # The throttles of the account, the stage and the route ("Too Many Requests") belong here.
        route = select_route(self.api, data) if self.api else None
        if route is None:
            return self._send_error("Forbidden", request_id, now)
        payload = message_event(
            self.connection, route.route_key, data, request_id, new_identifier(), now, self._authorizer
        )
        return self._invoke(route, request_id, payload, now)

    def invocation_ended(self, request_id: str, outcome: Outcome, now: float) -> list[Effect]:
        """What came of an ``Invoke``; a later outcome of the same request changes nothing."""
        waiting = self._waiting.pop(request_id, None)
        if waiting is None:
            return []
        if isinstance(waiting, _Authorizing):
            return self._authorizer_answered(waiting.route, outcome)
        answer = proxy_response(outcome)
        if isinstance(answer, Failure):
            logger.warning("Route %s of %s: %s.", waiting.route_key, self.connection.api_id, answer.value)
        if waiting.route_key == "$connect":
            return self._connect_answered(answer)
        if self.state is not State.OPEN:
            return []
        if isinstance(answer, Failure):
            return self._send_error("Internal server error", request_id, now)
        return self._send(answer.body, now) if waiting.responds and answer.body else []

    def _invoke(self, route: Route, request_id: str, payload: bytes, now: float) -> list[Effect]:
        self._waiting[request_id] = route
        integration = route.integration
        if integration is not None and integration.integration_type == "MOCK":
            return self.invocation_ended(request_id, _MOCK_ANSWER, now)
        if integration is None or integration.integration_type != "AWS_PROXY":
            return self.invocation_ended(request_id, Failure.NO_INTEGRATION, now)
        function = function_of(integration.integration_uri, self.connection.stage)
        return [Invoke(request_id, function, payload, min(integration.timeout, INTEGRATION_SECONDS))]

    def _send(self, text: str, now: float) -> list[Effect]:
        size = len(text.encode())
        self.outgoing_bytes += size
        self.last_active_at = now
        return [SendText(text, size)]

    def _send_error(self, message: str, request_id: str, now: float) -> list[Effect]:
        return self._send(error_text(message, self.connection.connection_id, request_id), now)

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
        if self.state is State.CONNECTING:
            # Nothing is registered until $connect has answered; then it hears of this end.
            self._left = (code, reason, now)
            return []
        return self._end(code, reason, now)

    def _close(self, code: int, reason: str, now: float) -> list[Effect]:
        self.state = State.CLOSING
        self._closing_since = now
        return [Close(code, reason)]

    def _end(self, code: int, reason: str, now: float) -> list[Effect]:
        self.state = State.CLOSED
        route = self._route("$disconnect")
        if route is None:
            return [Forget()]
        request_id = new_identifier()
        payload = disconnect_event(self.connection, request_id, code, reason, now, self._authorizer)
        return [*self._invoke(route, request_id, payload, now), Forget()]

    def _route(self, route_key: str) -> Route | None:
        return self.api.routes.get(route_key) if self.api else None
