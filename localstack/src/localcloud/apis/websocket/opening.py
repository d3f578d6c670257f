"""Whether a connection may open: throttles, the authorizer, and the ``$connect`` integration."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from localcloud.apis.identifiers import new_identifier
from localcloud.apis.integrations import Failure, Outcome, ProxyResponse, proxy_response
from localcloud.apis.policies import UNAUTHORIZED, Refused, judge
from localcloud.apis.websocket.authorizer import has_identity
from localcloud.apis.websocket.effects import Accept, Invoke, Reject
from localcloud.apis.websocket.events import (
    Connection,
    Handshake,
    authorizer_event,
    connect_event,
    error_text,
)
from localcloud.apis.websocket.requests import PendingRequest

if TYPE_CHECKING:
    from localcloud.apis.websocket.requests import Requests

logger = logging.getLogger(__name__)

THROTTLED = Refused(429, "Too Many Requests")
_FORBIDDEN = Refused(403, "Forbidden")
_INTERNAL_ERROR = Refused(500, "Internal server error")
_FAILURES = {
    Failure.TIMED_OUT: Refused(504, "Internal server error"),
    Failure.NOT_PERMITTED: _INTERNAL_ERROR,
}
_BAD_GATEWAY = Refused(502, "Internal server error")


class Opening:
    """A connection until it opens or is refused. Each step gives what is to be done next."""

    def __init__(self, connection: Connection, handshake: Handshake, requests: Requests) -> None:
        """Begin with the upgrade that a client asks for."""
        self._connection = connection
        self._handshake = handshake
        self._requests = requests

    def ask(self, refused: Refused | None) -> Invoke | Accept | Reject:
        """The client asks to connect; ``refused`` is what already speaks against it."""
        now = self._connection.connected_at
        route = self._requests.route("$connect")
        request = PendingRequest("CONNECT", new_identifier(), now, route)
        if refused is None and not self._requests.admit(request):
            refused = THROTTLED
        if refused is None and route is not None and route.api_key_required:
            refused = _FORBIDDEN
        if refused is not None:
            return self._reject(request, refused, now)
        if route is None:
            return self._accept(request, now)
        # IAM's no to a route of the type AWS_IAM comes as ``refused``.
        if route.authorization_type in ("NONE", "AWS_IAM"):
            return self._integrate(request, now)
        if route.authorization_type != "CUSTOM" or route.authorizer is None:
            logger.warning("$connect of %s wants an authorizer that is not here.", self._connection.api_id)
            return self._reject(request, _INTERNAL_ERROR, now)
        if not has_identity(route.authorizer, self._handshake, self._connection.stage):
            return self._reject(request, UNAUTHORIZED, now)
        method_arn = self._connection.method_arn("$connect")
        payload = authorizer_event(self._connection, self._handshake, request.request_id, method_arn)
        return self._requests.authorize(request, route.authorizer, payload, now)

    def invocation_ended(
        self, request: PendingRequest, outcome: Outcome, now: float
    ) -> Invoke | Accept | Reject:
        """The authorizer or the integration has answered."""
        if not request.authorizing:
            return self._integrated(request, proxy_response(outcome), now)
        request.authorizing = False
        verdict = judge(outcome, self._connection.method_arn("$connect"))
        if isinstance(verdict, Refused):
            request.authorizer_status = verdict.status
            return self._reject(request, verdict, now)
        request.authorizer_status = 200
        self._requests.authorizer = verdict.context
        return self._integrate(request, now)

    def _integrate(self, request: PendingRequest, now: float) -> Invoke | Accept | Reject:
        payload = connect_event(
            self._connection, self._handshake, request.request_id, self._requests.authorizer
        )
        answer = self._requests.integrate(request, payload, now)
        return answer if isinstance(answer, Invoke) else self._integrated(request, answer, now)

    def _integrated(
        self, request: PendingRequest, answer: ProxyResponse | Failure, now: float
    ) -> Accept | Reject:
        if isinstance(answer, Failure):
            logger.warning("Route $connect of %s: %s.", self._connection.api_id, answer.value)
            return self._reject(request, _FAILURES.get(answer, _BAD_GATEWAY), now, integration_failed=True)
        request.integration_status = answer.status_code
        if 200 <= answer.status_code <= 299:  # noqa: PLR2004 - HTTP's successes
            return self._accept(request, now, answer.header("sec-websocket-protocol"))
        if 300 <= answer.status_code <= 599:  # noqa: PLR2004 - HTTP's refusals
            return self._reject(request, Refused(answer.status_code, "Forbidden"), now, body=answer.body)
        return self._reject(request, _BAD_GATEWAY, now, integration_failed=True)

    def _accept(self, request: PendingRequest, now: float, subprotocol: str | None = None) -> Accept:
        self._requests.answered(request, 200, now)
        return Accept(subprotocol if subprotocol in self._handshake.subprotocols else None)

    def _reject(
        self,
        request: PendingRequest,
        refused: Refused,
        now: float,
        *,
        body: str | None = None,
        integration_failed: bool = False,
    ) -> Reject:
        if body is None:
            request.error = refused.message
            body = error_text(refused.message, self._connection.connection_id, request.request_id)
        self._requests.answered(request, refused.status, now, integration_failed=integration_failed)
        return Reject(refused.status, body)
