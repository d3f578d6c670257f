"""The events of payload format 2.0: of an HTTP API's functions and of its Lambda authorizers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import msgspec

from localcloud.apis.identifiers import common_log_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.http.context import RequestContext
    from localcloud.apis.http.routes import Match
    from localcloud.interfaces import Request

# The content types whose bodies arrive as text; AWS encodes every other body in base64.
_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})


def request_event(context: RequestContext, match: Match) -> bytes:
    """The event of a function integration, as JSON."""
    event = _event(context, match)
    body, is_base64 = event_body(context.forwarded, event["headers"].get("content-type", ""))
    if body is not None:
        event["body"] = body
    event["isBase64Encoded"] = is_base64
    return msgspec.json.encode(event)


def authorizer_event(
    context: RequestContext, match: Match, route_arn: str, identity: list[str]
) -> Mapping[str, Any]:
    """The event of a Lambda authorizer: no body, but what identifies the caller.

    Args:
        context: the request.
        match: the route it takes.
        route_arn: the method's ARN.
        identity: the values of the authorizer's identity sources.
    """
    event = _event(context, match)
    return {"version": "2.0", "type": "REQUEST", "routeArn": route_arn, "identitySource": identity} | event


def event_body(request: Request, content_type: str) -> tuple[str | None, bool]:
    """The body as an event carries it, if there is one, and whether that is base64."""
    if not request.body:
        return None, False
    if _is_text(content_type):
        return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode("ascii"), True


def _event(context: RequestContext, match: Match) -> dict[str, Any]:
    request, address, stage = context.forwarded, context.address, context.stage
    headers, cookies = _headers_and_cookies(request)
    # The stage's name stays in the path, as on AWS; only $default has none.
    path = unquote(address.raw_path)
    query = request.query_string.decode("latin-1")
    request_context: dict[str, Any] = {
        "accountId": context.account_id,
        "apiId": address.api_id,
        "domainName": address.domain_name,
        "domainPrefix": address.api_id,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.client_host,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": context.request_id,
        "routeKey": match.route.route_key,
        "stage": stage.stage_name,
        "time": common_log_time(context.received_at),
        "timeEpoch": int(context.received_at * 1000),
    }
    if context.authorized.kind:
        request_context["authorizer"] = {context.authorized.kind: context.authorized.facts}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.route_key,
        "rawPath": path,
        "rawQueryString": query,
    }
    if cookies:
        event["cookies"] = cookies
    event["headers"] = headers
    if parameters := _query_parameters(query):
        event["queryStringParameters"] = parameters
    event["requestContext"] = request_context
    if match.path_parameters:
        event["pathParameters"] = match.path_parameters
    if stage.stage_variables:
        event["stageVariables"] = stage.stage_variables
    return event


def _headers_and_cookies(request: Request) -> tuple[dict[str, str], list[str]]:
    """Headers with repeated ones joined by commas, and the cookies, which stand apart."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers, cookies


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT_TYPES
