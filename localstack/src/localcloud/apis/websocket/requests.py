"""The requests of a connection, one an event: which may pass, what they invoke, what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from localcloud.apis.identifiers import new_identifier
from localcloud.apis.integrations import Failure, ProxyResponse
from localcloud.apis.resources import function_of
from localcloud.apis.websocket.access_log import access_log_context
from localcloud.apis.websocket.effects import Invoke
from localcloud.apis.websocket.limits import AUTHORIZER_SECONDS, INTEGRATION_SECONDS
from localcloud.apis.websocket.mock import mock_answer
from localcloud.apis.websocket.selection import select_route
from localcloud.observations import RequestServed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.resources import Api, Authorizer, Route
    from localcloud.apis.throttling import Throttles
    from localcloud.apis.websocket.events import Connection
    from localcloud.observations import Observations


@dataclass(slots=True)
class PendingRequest:
    """One event of a connection, from its arrival to its answer. Times are seconds since the epoch."""

    event_type: str
    """``CONNECT``, ``MESSAGE`` or ``DISCONNECT``."""
    request_id: str
    arrived_at: float
    route: Route | None
    message_id: str = ""
    authorizing: bool = False
    """Whether the function that runs for it is the authorizer."""
    invoked_at: float = 0.0
    """When the function that runs for it was asked for."""
    authorizer_ms: float | None = None
    authorizer_status: int | None = None
    integration_ms: float | None = None
    integration_status: int | None = None
    """What the function returned as its status code."""
    error: str = ""
    """What API Gateway itself told the client in place of an answer."""

    @property
    def route_key(self) -> str:
        """The route that it takes; empty where there is none."""
        return self.route.route_key if self.route else ""


class Requests:
    """The requests of one connection that are not answered yet."""

    __slots__ = ("_connection", "_observations", "_throttles", "_waiting", "api", "authorizer")

    def __init__(
        self, connection: Connection, api: Api, throttles: Throttles, observations: Observations
    ) -> None:
        """Begin with none.

        Args:
            connection: whose requests they are.
            api: the API as it is deployed.
            throttles: are asked whether a request may pass.
            observations: are told of each.
        """
        self.api: Api | None = api
        """The API as it is deployed now; None once it is deleted."""
        self.authorizer: Mapping[str, str] | None = None
        """What the authorizer said of the caller, for every later event."""
        self._connection = connection
        self._throttles = throttles
        self._observations = observations
        self._waiting: dict[str, PendingRequest] = {}

    def route(self, route_key: str) -> Route | None:
        """The route with this key, without falling back to ``$default``."""
        return self.api.routes_of(self._connection.stage).get(route_key) if self.api else None

    def selected_route(self, body: str) -> Route | None:
        """The route that a frame's body selects, else ``$default``."""
        return select_route(self.api, self._connection.stage, body) if self.api else None

    def admit(self, request: PendingRequest) -> bool:
        """Whether the throttles let it pass."""
        stage = self._connection.stage
        present = self.api.stages.get(stage.stage_name, stage) if self.api else stage
        return self._throttles.admit_request(self._connection.api_id, present, request.route_key)

    def authorize(
        self, request: PendingRequest, authorizer: Authorizer, payload: bytes, now: float
    ) -> Invoke:
        """Have the authorizer decide about it."""
        request.authorizing = True
        connection = self._connection
        source = f"{connection.execute_api_arn}/authorizers/{authorizer.authorizer_id}"
        function = function_of(authorizer.authorizer_uri, connection.stage)
        allowed_by_role = bool(authorizer.authorizer_credentials_arn)
        return self._invoke(
            request, function, payload, AUTHORIZER_SECONDS, None if allowed_by_role else source, now
        )

    def integrate(
        self, request: PendingRequest, payload: bytes, now: float
    ) -> Invoke | ProxyResponse | Failure:
        """Have its route's integration answer it: what is to be invoked, or the answer where nothing is."""
        integration = request.route.integration if request.route else None
        if integration is not None and integration.integration_type == "MOCK":
            return mock_answer(integration)
        if integration is None or integration.integration_type != "AWS_PROXY":
            return Failure.NO_INTEGRATION
        function = function_of(integration.integration_uri, self._connection.stage)
        source = None if integration.credentials_arn else self._connection.method_arn(request.route_key)
        timeout = min(integration.timeout, INTEGRATION_SECONDS)
        return self._invoke(request, function, payload, timeout, source, now)

    def invoked(self, invocation_id: str, now: float) -> PendingRequest | None:
        """The request for which an invocation has ended; None the second time."""
        request = self._waiting.pop(invocation_id, None)
        if request is None:
            return None
        duration_ms = (now - request.invoked_at) * 1000
        if request.authorizing:
            request.authorizer_ms = duration_ms
        else:
            request.integration_ms = duration_ms
        return request

    def answered(
        self, request: PendingRequest, status: int, now: float, *, integration_failed: bool = False
    ) -> None:
        """Tell that it is dealt with."""
        connection = self._connection
        self._observations.publish(
            RequestServed(
                api_id=connection.api_id,
                stage=connection.stage.stage_name,
                protocol="WEBSOCKET",
                route_key=request.route_key,
                status=status,
                latency_ms=(now - request.arrived_at) * 1000,
                integration_latency_ms=request.integration_ms,
                integration_failed=integration_failed,
                context=partial(access_log_context, request, connection, self.authorizer, status),
                event_type=request.event_type,
                connection_id=connection.connection_id,
                detailed_metrics=connection.stage.settings_of(request.route_key).detailed_metrics_enabled,
            )
        )

    def _invoke(
        self,
        request: PendingRequest,
        function: str,
        payload: bytes,
        timeout: float,
        source_arn: str | None,
        now: float,
    ) -> Invoke:
        request.invoked_at = now
        # An authorizer and an integration run for the same request, each with an outcome of its own.
        invocation_id = new_identifier() if request.authorizing else request.request_id
        self._waiting[invocation_id] = request
        return Invoke(invocation_id, function, payload, timeout, source_arn)
