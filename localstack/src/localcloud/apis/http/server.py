"""HTTP APIs over ASGI: the path of a request, stage by stage."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from localcloud.apis.catalog import Api, Route, Stage, function_of
from localcloud.apis.exchange import Receive, Scope, Send, json_response
from localcloud.apis.http.cors import is_preflight, preflight_response, with_cors
from localcloud.apis.http.events import request_event
from localcloud.apis.http.keys import Keys
from localcloud.apis.http.responses import function_response
from localcloud.apis.http.routes import Match, match_route
from localcloud.apis.http.tokens import Authorized, JwtAuthorizer
from localcloud.apis.identifiers import new_identifier
from localcloud.http import TooLarge, read_request, send_response
from localcloud.interfaces import Clock, ControlPlane, Request, Response

if TYPE_CHECKING:
    from localcloud.apis.addresses import Address
    from localcloud.apis.integrations import Invoker

logger = logging.getLogger(__name__)

MAXIMUM_BODY_BYTES = 10 * 1024 * 1024

_NOT_FOUND = {"message": "Not Found"}
_OPEN = Authorized({})


class HttpServer:
    """The data plane of every HTTP API."""

    def __init__(self, control_plane: ControlPlane, invoker: Invoker, clock: Clock) -> None:
        """Serve APIs, by ``invoker``."""
        self._account_id = control_plane.account_id
        self._invoker = invoker
        self._clock = clock
        self._jwt_authorizer = JwtAuthorizer(Keys(control_plane, clock), clock)

    async def serve(self, scope: Scope, receive: Receive, send: Send, address: Address, api: Api) -> None:
        """Serve one ASGI ``http`` scope."""
        request_id = new_identifier()
        try:
            request = await read_request(scope, receive, largest_bytes=MAXIMUM_BODY_BYTES)
        except TooLarge:
            response = json_response(413, {"message": "Request Entity Too Large"})
        else:
            response = await self._answer(request, address, api, request_id)
        # The stage's access log belongs here.
        named = (b"apigw-requestid", request_id.encode("ascii"))
        await send_response(send, Response(response.status, (*response.headers, named), response.body))

    async def _answer(self, request: Request, address: Address, api: Api, request_id: str) -> Response:
        """The request's path: stage, throttle, preflight, route, authorization, integration, CORS."""
        found = address.stage_of(api)
        if found is None:
            return json_response(404, _NOT_FOUND)
        stage, raw_path = found
        # The throttles of the account, the stage and the route belong here.
        if api.cors and is_preflight(request):
            return preflight_response(api.cors, request)
        response = await self._routed(request, address, api, stage, raw_path, request_id)
        return with_cors(api.cors, request, response) if api.cors else response

    async def _routed(
        self, request: Request, address: Address, api: Api, stage: Stage, raw_path: str, request_id: str
    ) -> Response:
        match = match_route(api, request.method, raw_path)
        if match is None:
            return json_response(404, _NOT_FOUND)
        authorized = await self._authorize(request, match.route)
        if isinstance(authorized, Response):
            return authorized
        return await self._integrate(request, address, stage, match, authorized, request_id)

    async def _authorize(self, request: Request, route: Route) -> Authorized | Response:
        match route.authorization_type:
            case "NONE":
                return _OPEN
            case "JWT":
                return await self._jwt_authorizer.authorize(request, route)
            case kind:
                logger.warning("Route %s wants %s authorization, which is not served.", route.route_key, kind)
                return json_response(500, {"message": "Internal Server Error"})

    async def _integrate(
        self,
        request: Request,
        address: Address,
        stage: Stage,
        match: Match,
        authorized: Authorized,
        request_id: str,
    ) -> Response:
        integration = match.route.integration
        if (
            integration is None
            or integration.integration_type != "AWS_PROXY"
            or integration.payload_format_version != "2.0"
        ):
            logger.warning("Route %s has no Lambda integration of payload format 2.0.", match.route.route_key)
            return json_response(500, {"message": "Internal Server Error"})
        event = request_event(
            request,
            address,
            stage,
            self._account_id,
            match,
            authorized.authorizer or None,
            request_id,
            self._clock.now(),
        )
        function = function_of(integration.integration_uri, stage)
        return function_response(await self._invoker.invoke(function, event, integration.timeout))
