"""HTTP_PROXY integrations: the request goes on to another server, and its response comes back as it is."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from localcloud.apis.exchange import json_response
from localcloud.apis.http.parameters import mapped_path
from localcloud.apis.resources import with_stage_variables
from localcloud.interfaces import Response

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.apis.http.routes import Match
    from localcloud.apis.resources import Integration

_PATH_PARAMETER = re.compile(r"\{([^}+]+)\+?\}")
_CONNECTIONS_OWN = frozenset(
    (
        b"connection",
        b"content-length",
        b"host",
        b"keep-alive",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Headers of one connection, which each side writes for itself."""


class NoAnswerError(Exception):
    """The other server gave no response; ``response`` is what the client gets."""

    def __init__(self, reason: str, response: Response) -> None:
        """Answer ``response``, for ``reason``."""
        super().__init__(reason)
        self.response = response


class HttpProxy:
    """Passes requests on, over connections that it keeps."""

    def __init__(self) -> None:
        """Connect to nothing yet."""
        # Not httpx's client, which adds headers of its own and keeps cookies from one caller for the next.
        self._transport = httpx.AsyncHTTPTransport(trust_env=False, limits=httpx.Limits(max_connections=None))

    async def pass_on(self, context: RequestContext, match: Match, integration: Integration) -> Response:
        """The other server's response.

        Raises:
            NoAnswerError: it cannot be reached, or took longer than the integration's timeout.
        """
        try:
            async with asyncio.timeout(integration.timeout):
                return await self._response(_outgoing(context, match, integration))
        except TimeoutError as error:
            late = json_response(HTTPStatus.GATEWAY_TIMEOUT, {"message": "Gateway Timeout"})
            raise NoAnswerError("The integration took longer than its timeout.", late) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            lost = json_response(HTTPStatus.SERVICE_UNAVAILABLE, {"message": "Service Unavailable"})
            raise NoAnswerError(f"The integration cannot be reached: {error}", lost) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _response(self, outgoing: httpx.Request) -> Response:
        incoming = await self._transport.handle_async_request(outgoing)
        try:
            body = b"".join([chunk async for chunk in incoming.aiter_raw()])
        finally:
            await incoming.aclose()
        headers = tuple((name.lower(), value) for name, value in incoming.headers.raw)
        kept = tuple(header for header in headers if header[0] not in _CONNECTIONS_OWN)
        return Response(incoming.status_code, kept, body)


def _outgoing(context: RequestContext, match: Match, integration: Integration) -> httpx.Request:
    """The request as the other server receives it, with what a proxy says of itself and of the client."""
    request = context.forwarded
    kept = [header for header in request.headers if header[0] not in _CONNECTIONS_OWN]
    forwarded = f"by={context.address.domain_name};for={request.client_host};host={request.header('host')}"
    added = [(b"forwarded", forwarded.encode("latin-1")), (b"via", b"HTTP/1.1 AmazonAPIGateway")]
    method = integration.integration_method
    return httpx.Request(
        request.method if method == "ANY" else method,
        _url(integration, context, match),
        headers=[*kept, *added],
        content=request.body,
    )


def _url(integration: Integration, context: RequestContext, match: Match) -> str:
    """The integration's URL with stage variables, path parameters and the request's query put in."""
    url = with_stage_variables(integration.integration_uri, context.stage)
    url = _PATH_PARAMETER.sub(lambda found: quote(match.path_parameters.get(found[1], "")), url)
    if path := mapped_path(context, integration.request_parameters):
        url = urlunsplit(urlsplit(url)._replace(path=quote(path, safe="/%")))
    query = context.forwarded.query_string.decode("latin-1")
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
