"""OpenAPI 3.1 of the HTTP API: what its routes take and give, and every error that they may answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from chat.domain import ChatId, Seq, UserId
from chat.errors import CATALOGUE
from chat.protocol.http_common import Failure, NoQuery
from chat.push import SubscriptionId
from chat.site import COOKIE
from specs.routes import ROUTES
from specs.schemas import Schema, schemas

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specs.routes import Exchange


class GatewayError(msgspec.Struct, frozen=True):
    """What API Gateway itself answers: no valid token, no such path, too many requests, no answer of ours."""

    message: str


_PATH = {"chatId": ChatId, "userId": UserId, "seq": Seq, "mediaId": str, "subscriptionId": SubscriptionId}
_GATEWAY = (401, 403, 404, 413, 429, 431, 500, 503)
"""What API Gateway may answer to any request."""
_ANY = ("bad_request", "unauthenticated", "signed_out", "internal")
"""What any route may answer."""
_ANY_ON_SITE = ("bad_request", "internal")
"""What any route of the web site's own origin may answer."""
_ABOUT = "The same results for the same rights as over the WebSocket. docs/protocol.md says what it promises."


def document(version: str) -> dict[str, Any]:
    """The document, of this version of the service."""
    types = _types()
    named, components = schemas(types)
    by_type = dict(zip(map(str, types), named, strict=True))
    paths: dict[str, Any] = {}
    for route, exchange in ROUTES.items():
        method, path = route.split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, exchange, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley's HTTP API", "version": version, "description": _ABOUT},
        "servers": [
            {"url": "{httpApiUrl}", "variables": {"httpApiUrl": {"default": "https://localhost/v1"}}}
        ],
        "security": [{"accessToken": []}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": {"accessToken": _TOKEN, "session": _COOKIE}},
    }


_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token of the stack's Cognito user pool.",
}

_COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": COOKIE,
    "description": "Kept by the browser; no page can read it.",
}

_SITE = {"url": "{webUrl}", "variables": {"webUrl": {"default": "https://localhost"}}}

_RETRY_AFTER = {
    "description": "Seconds to wait: `retryAfterMs`, rounded up. API Gateway's own answers lack it.",
    "schema": {"type": "integer", "minimum": 1},
}


def _types() -> list[Any]:
    """Every type that the document names, once."""
    found: dict[str, Any] = {str(type_): type_ for type_ in (Failure, GatewayError, *_PATH.values())}
    for exchange in ROUTES.values():
        for type_ in (exchange.query, exchange.body, exchange.answer):
            if type_ is not None:
                found[str(type_)] = type_
    return list(found.values())


def _operation(method: str, path: str, exchange: Exchange, schema: dict[str, Schema]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(method, path),
        "summary": exchange.summary,
        "parameters": [*_path_parameters(path, schema), *_query_parameters(exchange.query)],
        "responses": _responses(exchange, schema),
    }
    if exchange.on_site:
        operation |= {"servers": [_SITE], "security": [] if path == "/auth/token" else [{"session": []}]}
    if exchange.body is not None:
        content = {"application/json": {"schema": schema[str(exchange.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _operation_id(method: str, path: str) -> str:
    words = [word for word in re.split(r"[/{}-]+", path) if word]
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def _path_parameters(path: str, schema: dict[str, Schema]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema[str(_PATH[name])]}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    if query is NoQuery:
        return []
    _, components = schemas([query])
    shape = components[query.__name__]
    return [
        {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}
        for name, schema in shape["properties"].items()
    ]


def _responses(exchange: Exchange, schema: dict[str, Schema]) -> dict[str, Any]:
    """By status: the answer, or an error of the service or of API Gateway."""
    any_may = _ANY_ON_SITE if exchange.on_site else _ANY
    codes = {*any_may, *exchange.errors, *(("not_json",) if exchange.body is not None else ())}
    ours: dict[int, list[str]] = {}
    for code in sorted(codes):
        ours.setdefault(CATALOGUE[code].status, []).append(code)
    responses = {
        str(status): _response("Done", [schema[str(exchange.answer)]]) for status in exchange.statuses
    }
    for status in sorted({*ours, *_GATEWAY}):
        forms = [schema[str(Failure)]] * (status in ours) + [schema[str(GatewayError)]] * (status in _GATEWAY)
        responses[str(status)] = _response(", ".join(ours.get(status, ["API Gateway's own"])), forms)
        if "too_many_requests" in ours.get(status, ()):
            responses[str(status)]["headers"] = {"Retry-After": _RETRY_AFTER}
    return responses


def _response(description: str, forms: Iterable[Schema]) -> dict[str, Any]:
    alternatives = list(forms)
    schema = alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
