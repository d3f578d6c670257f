"""The events that a WebSocket API's functions receive, exactly as AWS builds them, and its error frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from localcloud.apis.identifiers import common_log_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.resources import Stage

# The upgrade's own headers, which end at API Gateway.
_HOP_BY_HOP = frozenset({"connection", "upgrade"})


@dataclass(frozen=True, slots=True)
class Connection:
    """What stays the same for a connection's life."""

    connection_id: str
    api_id: str
    stage: Stage
    domain_name: str
    host: str
    """The Host header of the handshake."""
    connected_at: float
    """Seconds since the epoch."""
    source_ip: str
    user_agent: str
    execute_api_arn: str
    """The API's ARN among what execute-api's permissions are about."""

    def method_arn(self, route_key: str) -> str:
        """The ARN of calling a route of the stage."""
        return f"{self.execute_api_arn}/{self.stage.stage_name}/{route_key}"


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the client asked for with its upgrade request."""

    headers: tuple[tuple[str, str], ...] = ()
    """Names as the client wrote them, and values."""
    query_string: str = ""
    subprotocols: tuple[str, ...] = ()
    multi_value_query: Mapping[str, list[str]] = field(init=False)
    """The values of each query parameter, decoded."""

    def __post_init__(self) -> None:
        """Parse the query string once."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query_string, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        object.__setattr__(self, "multi_value_query", values)

    def header(self, name: str) -> str | None:
        """The last value of a header in any case, or None."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[-1] if found else None


def connect_event(
    connection: Connection, handshake: Handshake, request_id: str, authorizer: Mapping[str, str] | None
) -> bytes:
    """The event of the ``$connect`` route."""
    context = _request_context(
        connection, "$connect", "CONNECT", request_id, connection.connected_at, authorizer
    )
    return _encoded(connection, _handshake_fields(handshake), context)


def authorizer_event(connection: Connection, handshake: Handshake, request_id: str, method_arn: str) -> bytes:
    """The event of a REQUEST authorizer on ``$connect``."""
    context = _request_context(connection, "$connect", "CONNECT", request_id, connection.connected_at, None)
    fields = {"type": "REQUEST", "methodArn": method_arn, **_handshake_fields(handshake)}
    fields.setdefault("queryStringParameters", {})
    fields.setdefault("multiValueQueryStringParameters", {})
    fields["stageVariables"] = connection.stage.stage_variables
    return msgspec.json.encode({**fields, "requestContext": context})


def message_event(
    connection: Connection,
    route_key: str,
    body: str,
    request_id: str,
    message_id: str,
    now: float,
    authorizer: Mapping[str, str] | None,
) -> bytes:
    """The event of the route that a frame selected."""
    context = _request_context(
        connection, route_key, "MESSAGE", request_id, now, authorizer, {"messageId": message_id}
    )
    event: dict[str, Any] = {"requestContext": context}
    if connection.stage.stage_variables:
        event["stageVariables"] = connection.stage.stage_variables
    event["body"] = body
    event["isBase64Encoded"] = False
    return msgspec.json.encode(event)


def disconnect_event(
    connection: Connection,
    request_id: str,
    code: int,
    reason: str,
    now: float,
    authorizer: Mapping[str, str] | None,
) -> bytes:
    """The event of the ``$disconnect`` route."""
    headers = {"Host": connection.host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    fields = {"headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()}}
    closing: dict[str, str | int] = {"disconnectStatusCode": code, "disconnectReason": reason}
    context = _request_context(connection, "$disconnect", "DISCONNECT", request_id, now, authorizer, closing)
    return _encoded(connection, fields, context)


def error_text(message: str, connection_id: str, request_id: str) -> str:
    """An error frame, or the body of a refused handshake, with AWS's spacing."""
    return f'{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}'


def _request_context(
    connection: Connection,
    route_key: str,
    event_type: str,
    request_id: str,
    now: float,
    authorizer: Mapping[str, str] | None,
    extra: Mapping[str, str | int] | None = None,
) -> dict[str, Any]:
    context: dict[str, Any] = {"routeKey": route_key}
    if authorizer is not None:
        context["authorizer"] = authorizer
    if extra is not None:
        context.update(extra)
    context["eventType"] = event_type
    context["extendedRequestId"] = request_id
    context["requestTime"] = common_log_time(now)
    context["messageDirection"] = "IN"
    context["stage"] = connection.stage.stage_name
    context["connectedAt"] = int(connection.connected_at * 1000)
    context["requestTimeEpoch"] = int(now * 1000)
    context["identity"] = {"userAgent": connection.user_agent, "sourceIp": connection.source_ip}
    context["requestId"] = request_id
    context["domainName"] = connection.domain_name
    context["connectionId"] = connection.connection_id
    context["apiId"] = connection.api_id
    return context


def _handshake_fields(handshake: Handshake) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in handshake.headers:
        if name.lower() not in _HOP_BY_HOP:
            headers.setdefault(name, []).append(value)
    fields: dict[str, Any] = {
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
    }
    if query := handshake.multi_value_query:
        fields["queryStringParameters"] = {name: values[-1] for name, values in query.items()}
        fields["multiValueQueryStringParameters"] = query
    return fields


def _encoded(connection: Connection, fields: Mapping[str, Any], context: Mapping[str, Any]) -> bytes:
    event: dict[str, Any] = {**fields, "requestContext": context}
    if connection.stage.stage_variables:
        event["stageVariables"] = connection.stage.stage_variables
    event["isBase64Encoded"] = False
    return msgspec.json.encode(event)
