"""The event that an HTTP API's functions receive: payload format 2.0."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import msgspec

from localcloud.apis.identifiers import common_log_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.addresses import Address
    from localcloud.apis.catalog import Stage
    from localcloud.apis.http.routes import Match
    from localcloud.interfaces import Request

# The content types whose bodies arrive as text; AWS encodes every other body in base64.
_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})


def request_event(
    request: Request,
    address: Address,
    stage: Stage,
    account_id: str,
    match: Match,
    authorizer: Mapping[str, Any] | None,
    request_id: str,
    now: float,
) -> bytes:
    """The payload 2.0 event, as JSON.

    Args:
        request: the request.
        address: the API's address in it.
        stage: the stage that it names.
        account_id: the account that owns the API.
        match: the route it takes.
        authorizer: ``requestContext.authorizer``, or None on an open route.
        request_id: the request's id.
        now: seconds since the epoch.
    """
    headers, cookies = _headers_and_cookies(request)
    # The stage's name stays in the path, as on AWS; only $default has none.
    path = unquote(address.raw_path)
    query = request.query_string.decode("latin-1")
    context: dict[str, Any] = {
        "accountId": account_id,
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
        "requestId": request_id,
        "routeKey": match.route.route_key,
        "stage": stage.stage_name,
        "time": common_log_time(now),
        "timeEpoch": int(now * 1000),
    }
    if authorizer is not None:
        context["authorizer"] = authorizer
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
    event["requestContext"] = context
    if match.path_parameters:
        event["pathParameters"] = match.path_parameters
    if stage.stage_variables:
        event["stageVariables"] = stage.stage_variables
    is_text = not request.body or _is_text(headers.get("content-type", ""))
    if request.body:
        body = (
            request.body.decode("utf-8", "replace")
            if is_text
            else base64.b64encode(request.body).decode("ascii")
        )
        event["body"] = body
    event["isBase64Encoded"] = not is_text
    return msgspec.json.encode(event)


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
