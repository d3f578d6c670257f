"""Events as API Gateway sends them to Lambda: every field of the real ones, the caller's filled in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a token and one connection."""

    username: str = "alice"
    user_id: str = field(default_factory=lambda: str(uuid4()))
    connection_id: str = field(default_factory=lambda: f"{uuid4().hex[:15]}=")
    token_expires_at: int = 4_000_000_000
    token_issued_at: int = 1_700_000_000


def socket_event(
    person: Person,
    route: str,
    body: str | None = None,
    *,
    domain_name: str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    connected_at: int = 1_800_000_000_000,
) -> dict[str, Any]:
    """An event of a WebSocket API: $connect, $disconnect, or a frame's route."""
    kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    event: dict[str, Any] = {
        "requestContext": {
            "routeKey": route,
            "authorizer": {
                "principalId": person.user_id,
                "userId": person.user_id,
                "username": person.username,
                "expiresAt": str(person.token_expires_at),
                "issuedAt": str(person.token_issued_at),
                "integrationLatency": 12,
            },
            "eventType": kinds.get(route, "MESSAGE"),
            "extendedRequestId": "Hl5GkHJxIAMFbGw=",
            "requestTime": "21/Nov/2026:01:10:00 +0000",
            "messageDirection": "IN",
            "stage": "v1",
            "connectedAt": connected_at,
            "requestTimeEpoch": connected_at + 10,
            "identity": {"userAgent": "Parley/1", "sourceIp": "198.51.100.7"},
            "requestId": "Hl5GkHJxIAMFbGw=",
            "domainName": domain_name,
            "connectionId": person.connection_id,
            "apiId": "a1b2c3d4e5",
        },
        "isBase64Encoded": False,
    }
    if route == "$connect":
        event["headers"] = {"Host": domain_name, "Sec-WebSocket-Version": "13"}
        event["multiValueHeaders"] = {"Host": [domain_name], "Sec-WebSocket-Version": ["13"]}
        event["queryStringParameters"] = {"ticket": "spent"}
        event["multiValueQueryStringParameters"] = {"ticket": ["spent"]}
    elif route == "$disconnect":
        event["headers"] = {"Host": domain_name, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
        event["requestContext"] |= {"disconnectStatusCode": 1001, "disconnectReason": "Going away"}
    else:
        event["requestContext"]["messageId"] = "Hl5GkdIqoAMCJhQ="
        event["body"] = body
    return event


def authorizer_event(
    connection_id: str = "Hl5GkdIqoAMCJhQ=", headers: Mapping[str, str] | None = None, **query: str
) -> dict[str, Any]:
    """The event of a REQUEST authorizer on $connect."""
    sent = {"Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", **(headers or {})}
    return {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/v1/$connect",
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "stageVariables": {},
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "extendedRequestId": "Hl5GkHJxIAMFbGw=",
            "requestTime": "21/Nov/2026:01:10:00 +0000",
            "messageDirection": "IN",
            "stage": "v1",
            "connectedAt": 1_800_000_000_000,
            "requestTimeEpoch": 1_800_000_000_001,
            "identity": {"userAgent": "Parley/1", "sourceIp": "198.51.100.7"},
            "requestId": "Hl5GkHJxIAMFbGw=",
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "connectionId": connection_id,
            "apiId": "a1b2c3d4e5",
        },
    }


def http_event(
    person: Person,
    route: str,
    body: object = None,
    *,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    """An event of an HTTP API, payload 2.0, behind a JWT authorizer; the body is JSON unless it is a str."""
    method, template = route.split(" ")
    raw_path = "/v1" + template.format(**(path or {}))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw_path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": {"authorization": "Bearer e30.e30.e30", "content-type": "application/json"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "f6g7h8i9j0",
            "authorizer": {
                "jwt": {
                    "claims": {
                        "sub": person.user_id,
                        "username": person.username,
                        "exp": str(person.token_expires_at),
                        "iat": str(person.token_issued_at),
                        "client_id": "1example23456789",
                        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
                        "token_use": "access",
                        "scope": "aws.cognito.signin.user.admin",
                    },
                    "scopes": None,
                }
            },
            "domainName": "f6g7h8i9j0.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "f6g7h8i9j0",
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "Parley/1",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "v1",
            "time": "21/Nov/2026:01:10:00 +0000",
            "timeEpoch": 1_800_000_000_000,
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    if path:
        event["pathParameters"] = path
    if query:
        event["queryStringParameters"] = query
    return event
