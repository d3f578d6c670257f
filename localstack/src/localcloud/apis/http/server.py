"""HTTP APIs over ASGI: the path of a request, stage by stage."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from localcloud.apis.http.context import (
    Authorized,
    Refusal,
    RequestContext,
    with_forwarding_headers,
)
from localcloud.apis.http.cors import is_preflight, preflight_response, with_cors
from localcloud.apis.http.integrations import Integrations
from localcloud.apis.http.keys import Keys
from localcloud.apis.http.lambda_authorizer import LambdaAuthorizer
from localcloud.apis.http.routes import Match, match_route
from localcloud.apis.http.signatures import authorize_signed
from localcloud.apis.http.tokens import JwtAuthorizer
from localcloud.apis.identifiers import new_identifier
from localcloud.http import TooLarge, read_request, request_without_body, send_response
from localcloud.interfaces import Clock, ControlPlane, Request, Response
from localcloud.observations import RequestServed

if TYPE_CHECKING:
    from localcloud.apis.addresses import Address
    from localcloud.apis.exchange import Receive, Scope, Send
    from localcloud.apis.integrations import Invoker
    from localcloud.apis.resources import Api
    from localcloud.apis.throttling import Throttles
    from localcloud.observations import Observations

logger = logging.getLogger(__name__)

MAXIMUM_BODY_BYTES = 10 * 1024 * 1024
MAXIMUM_HEAD_BYTES = 10_240
"""Of the request line and the headers' values together."""


class HttpServer:
    """The data plane of every HTTP API."""

    def __init__(
        self,
        control_plane: ControlPlane,
        invoker: Invoker,
        clock: Clock,
        throttles: Throttles,
        observations: Observations,
    ) -> None:
        """Serve APIs, by ``invoker``, as fast as ``throttles`` let, and tell ``observations``."""
        self._control_plane = control_plane
        self._clock = clock
        self._throttles = throttles
        self._observations = observations
        self._jwt_authorizer = JwtAuthorizer(Keys(control_plane, clock), clock)
        self._lambda_authorizer = LambdaAuthorizer(invoker, clock)
        self._integrations = Integrations(invoker)

    async def serve(self, scope: Scope, receive: Receive, send: Send, address: Address, api: Api) -> None:
        """Serve one ASGI ``http`` scope."""
        started = time.perf_counter()
        request_id = new_identifier()
        too_large = False
        try:
            request = await read_request(scope, receive, largest_bytes=MAXIMUM_BODY_BYTES)
        except TooLarge:
            request, too_large = request_without_body(scope), True
        context = self._context(request, scope.get("scheme", "http"), address, api, request_id, started)
        if context is None:
            response = Refusal(404, "Not Found").response
        else:
            context.refusal = _too_large(context, body_too_large=too_large)
            response = context.refusal.response if context.refusal else await self._answer(context, api)
            context.response = response
        named = (b"apigw-requestid", request_id.encode("ascii"))
        await send_response(send, Response(response.status, (*response.headers, named), response.body))
        if context is not None:
            self._publish(context, response)

    async def close(self) -> None:
        """Close what is kept open to other servers."""
        await self._integrations.close()

    def _context(
        self, request: Request, scheme: str, address: Address, api: Api, request_id: str, started: float
    ) -> RequestContext | None:
        """The request on its stage, or None where its path names no stage."""
        found = address.stage_of(api)
        if found is None:
            return None
        stage, raw_path = found
        now = self._clock.now()
        forwarded = with_forwarding_headers(request, scheme, now)
        account_id = self._control_plane.account_id
        return RequestContext(
            request=request,
            forwarded=forwarded,
            address=address,
            stage=stage,
            raw_path=raw_path,
            account_id=account_id,
            execute_api_arn=f"arn:aws:execute-api:{self._control_plane.region}:{account_id}:{api.api_id}",
            request_id=request_id,
            received_at=now,
            started=started,
        )

    async def _answer(self, context: RequestContext, api: Api) -> Response:
        """The request's path: preflight, route, throttle, authorization, integration, CORS."""
        if api.cors and is_preflight(context.request):
            return preflight_response(api.cors, context.request)
        try:
            response = await self._routed(context, api)
        except Refusal as refusal:
            context.refusal = refusal
            response = refusal.response
        return with_cors(api.cors, context.request, response) if api.cors else response

    async def _routed(self, context: RequestContext, api: Api) -> Response:
        match = context.match = match_route(api, context.stage, context.request.method, context.raw_path)
        if match is None:
            raise Refusal(404, "Not Found")
        if not self._throttles.admit_request(api.api_id, context.stage, match.route.route_key):
            raise Refusal(429, "Too Many Requests")
        context.authorized = await self._authorize(context, match)
        return await self._integrations.call(context, match)

    async def _authorize(self, context: RequestContext, match: Match) -> Authorized:
        match match.route.authorization_type:
            case "NONE":
                return context.authorized
            case "JWT":
                return await self._jwt_authorizer.authorize(context, match.route)
            case "CUSTOM":
                return await self._lambda_authorizer.authorize(context, match)
            case "AWS_IAM":
                return authorize_signed(context, self._control_plane)
            case kind:
                reason = f"The route {match.route.route_key} wants {kind} authorization, which is not served."
                logger.warning(reason)
                raise Refusal(500, "Internal Server Error", reason=reason)

    def _publish(self, context: RequestContext, response: Response) -> None:
        context.latency_ms = (time.perf_counter() - context.started) * 1000
        call = context.integration
        self._observations.publish(
            RequestServed(
                api_id=context.address.api_id,
                stage=context.stage.stage_name,
                protocol="HTTP",
                route_key=context.route_key,
                status=response.status,
                latency_ms=context.latency_ms,
                integration_latency_ms=call.latency_ms if call else None,
                integration_failed=bool(call and call.error),
                context=context.variables,
                data_processed=len(context.request.body) + len(response.body),
                detailed_metrics=context.stage.settings_of(context.route_key).detailed_metrics_enabled,
            )
        )


def _too_large(context: RequestContext, *, body_too_large: bool) -> Refusal | None:
    """The refusal of a request that is beyond AWS's limits, whatever its route; None where it is not."""
    if body_too_large:
        return Refusal(413, "Request Entity Too Large")
    request = context.request
    # The request line is counted as it would be on AWS, where the path does not name the API.
    line = f"{request.method} {context.address.raw_path}? HTTP/1.1"
    size = len(line) + len(request.query_string) + sum(len(value) for _, value in request.headers)
    if size > MAXIMUM_HEAD_BYTES:
        return Refusal(431, f"HTTP header is larger than {MAXIMUM_HEAD_BYTES} bytes.")
    return None
