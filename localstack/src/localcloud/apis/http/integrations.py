"""Calling what is behind a route: a function, or another server."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from localcloud.apis.http import events, events_1_0
from localcloud.apis.http.arns import route_arn
from localcloud.apis.http.context import IntegrationCall, Refusal
from localcloud.apis.http.parameters import mapped_request, mapped_response
from localcloud.apis.http.proxy import HttpProxy, NoAnswerError
from localcloud.apis.http.responses import failure_response, response_1_0, response_2_0
from localcloud.apis.integrations import Failure
from localcloud.apis.resources import function_of

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.apis.http.routes import Match
    from localcloud.apis.integrations import Invoker
    from localcloud.apis.resources import Integration
    from localcloud.interfaces import Response

logger = logging.getLogger(__name__)


class Integrations:
    """Calls integrations, and notes what came of each in its request's context."""

    def __init__(self, invoker: Invoker) -> None:
        """Invoke functions by ``invoker``."""
        self._invoker = invoker
        self._http_proxy = HttpProxy()

    async def call(self, context: RequestContext, match: Match) -> Response:
        """The response of the route's integration, or the one that its failure earns.

        Raises:
            Refusal: 500, where the route has no integration that is served.
        """
        integration = match.route.integration
        kinds = {"AWS_PROXY": self._invoke, "HTTP_PROXY": self._pass_on}
        if (
            integration is None
            or integration.integration_subtype
            or integration.integration_type not in kinds
        ):
            logger.warning("The route %s has no integration that is served.", match.route.route_key)
            raise Refusal(500, "Internal Server Error")
        if integration.request_parameters:
            context.forwarded = mapped_request(context, integration.request_parameters)
        call = context.integration = IntegrationCall()
        started = time.perf_counter()
        response = await kinds[integration.integration_type](context, match, integration, call)
        call.latency_ms = (time.perf_counter() - started) * 1000
        if integration.response_parameters:
            return mapped_response(response, context, integration.response_parameters)
        return response

    async def close(self) -> None:
        """Close what is kept open to other servers."""
        await self._http_proxy.close()

    async def _invoke(
        self, context: RequestContext, match: Match, integration: Integration, call: IntegrationCall
    ) -> Response:
        is_1_0 = integration.payload_format_version == "1.0"
        event = (events_1_0 if is_1_0 else events).request_event(context, match)
        function = function_of(integration.integration_uri, context.stage)
        source = None if integration.credentials_arn else route_arn(context, match)
        outcome = await self._invoker.invoke(function, event, integration.timeout, source)
        response = response_1_0(outcome) if is_1_0 else response_2_0(outcome)
        if isinstance(response, Failure):
            call.error = response.value
            return failure_response(response)
        call.status = response.status
        return response

    async def _pass_on(
        self, context: RequestContext, match: Match, integration: Integration, call: IntegrationCall
    ) -> Response:
        try:
            response = await self._http_proxy.pass_on(context, match, integration)
        except NoAnswerError as error:
            logger.warning("Route %s: %s", match.route.route_key, error)
            call.error = str(error)
            return error.response
        call.status = response.status
        return response
