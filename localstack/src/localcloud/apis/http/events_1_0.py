"""The events of payload format 1.0, which look like a REST API's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import msgspec

from localcloud.apis.http.events import event_body
from localcloud.apis.identifiers import common_log_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localcloud.apis.http.context import Authorized, RequestContext
    from localcloud.apis.http.routes import Match

_NO_IDENTITY = dict.fromkeys(
    (
        *("accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType"),
        *("cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent"),
        "userArn",
    )
)


def request_event(context: RequestContext, match: Match) -> bytes:
    """The event of a function integration, as JSON."""
    event = _event(context, match)
    body, is_base64 = event_body(context.forwarded, event["headers"].get("content-type", ""))
    return msgspec.json.encode({"version": "1.0", **event, "body": body, "isBase64Encoded": is_base64})


def authorizer_event(
    context: RequestContext, match: Match, method_arn: str, identity: list[str]
) -> Mapping[str, Any]:
    """The event of a Lambda authorizer: no body, but what identifies the caller.

    Args:
        context: the request.
        match: the route it takes.
        method_arn: the method's ARN.
        identity: the values of the authorizer's identity sources.
    """
    token = ",".join(identity)
    named = {"methodArn": method_arn, "identitySource": token, "authorizationToken": token}
    return {"version": "1.0", "type": "REQUEST", **named, **_event(context, match)}


def _event(context: RequestContext, match: Match) -> dict[str, Any]:
    request = context.forwarded
    headers = _grouped((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
    query = _grouped(parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True))
    path = unquote(context.address.raw_path)
    return {
        "resource": _resource_path(match),
        "path": path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": _request_context(context, match, path),
        "pathParameters": match.path_parameters or None,
        "stageVariables": context.stage.stage_variables or None,
    }


def _request_context(context: RequestContext, match: Match, path: str) -> dict[str, Any]:
    request, address = context.forwarded, context.address
    caller = {"sourceIp": request.client_host, "userAgent": request.header("user-agent")}
    return {
        "accountId": context.account_id,
        "apiId": address.api_id,
        "authorizer": _authorizer(context.authorized),
        "domainName": address.domain_name,
        "domainPrefix": address.api_id,
        "extendedRequestId": context.request_id,
        "httpMethod": request.method,
        "identity": _NO_IDENTITY | context.authorized.identity | caller,
        "path": path,
        "protocol": "HTTP/1.1",
        "requestId": context.request_id,
        "requestTime": common_log_time(context.received_at),
        "requestTimeEpoch": int(context.received_at * 1000),
        "resourceId": match.route.route_key,
        "resourcePath": _resource_path(match),
        "stage": context.stage.stage_name,
    }


def _authorizer(authorized: Authorized) -> Mapping[str, Any]:
    match authorized.kind:
        case "jwt":
            return authorized.facts
        case "lambda":
            return {**authorized.facts, "principalId": authorized.principal_id}
        case _:
            return {"claims": None, "scopes": None}


def _resource_path(match: Match) -> str:
    return match.route.route_key.partition(" ")[2] or match.route.route_key


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _last(groups: Mapping[str, list[str]]) -> dict[str, str]:
    """The last value of each, as REST APIs give it in the map of single values."""
    return {name: values[-1] for name, values in groups.items()}
