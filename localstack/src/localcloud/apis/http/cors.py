"""An HTTP API's CORS: answers to preflight requests, and the headers on every other response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.interfaces import Request, Response

if TYPE_CHECKING:
    from localcloud.apis.resources import CorsConfiguration

_CORS_PREFIX = b"access-control-"


def is_preflight(request: Request) -> bool:
    """Whether a browser asks before it sends the real request."""
    return (
        request.method == "OPTIONS"
        and bool(request.header("origin"))
        and bool(request.header("access-control-request-method"))
    )


def preflight_response(cors: CorsConfiguration, request: Request) -> Response:
    """204, with CORS headers where the origin is allowed and without where it is not."""
    headers = _origin_headers(cors, request.header("origin"))
    if headers:
        if cors.allow_methods:
            headers.append((b"access-control-allow-methods", ",".join(cors.allow_methods).encode()))
        if cors.allow_headers:
            headers.append((b"access-control-allow-headers", ",".join(cors.allow_headers).encode()))
        if cors.max_age is not None:
            headers.append((b"access-control-max-age", str(cors.max_age).encode()))
    return Response(204, tuple(headers))


def with_cors(cors: CorsConfiguration, request: Request, response: Response) -> Response:
    """The response with the API's CORS headers, which replace those of the integration."""
    kept = [header for header in response.headers if not header[0].startswith(_CORS_PREFIX)]
    headers = _origin_headers(cors, request.header("origin"))
    if headers and cors.expose_headers:
        headers.append((b"access-control-expose-headers", ",".join(cors.expose_headers).encode()))
    return Response(response.status, (*kept, *headers), response.body)


def _origin_headers(cors: CorsConfiguration, origin: str) -> list[tuple[bytes, bytes]]:
    """The headers that let a page of ``origin`` see the response; none when it may not."""
    if not origin or not any(_allows(pattern, origin) for pattern in cors.allow_origins):
        return []
    if "*" in cors.allow_origins and not cors.allow_credentials:
        headers = [(b"access-control-allow-origin", b"*")]
    else:
        headers = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
    if cors.allow_credentials:
        headers.append((b"access-control-allow-credentials", b"true"))
    return headers


def _allows(pattern: str, origin: str) -> bool:
    """``*``, ``https://*`` and ``http://*`` are AWS's only wildcards."""
    return pattern == origin or (
        pattern in ("*", "http://*", "https://*") and origin.startswith(pattern[:-1])
    )
