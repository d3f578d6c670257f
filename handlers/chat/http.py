"""API Gateway's HTTP events (payload 2.0), parsed once, and the responses to them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from chat.codec import decode, encode, error_body, parse, retry_after
from chat.domain import Identity, UserId
from chat.errors import ChatError
from chat.invocation import carry_out
from chat.protocol.http_common import Failure

Event = Mapping[str, Any]
Handler = Callable[[Event, object], dict[str, Any]]
_Parsed = TypeVar("_Parsed")


class _Claims(msgspec.Struct, frozen=True):
    sub: UserId
    username: str
    exp: float
    iat: float


class _Jwt(msgspec.Struct, frozen=True):
    claims: dict[str, Any]


class _Authorizer(msgspec.Struct, frozen=True):
    jwt: _Jwt


class _Context(msgspec.Struct, frozen=True, rename="camel"):
    authorizer: _Authorizer
    request_id: str


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    route_key: str
    request_context: _Context
    body: str = ""
    is_base64_encoded: bool = False
    path_parameters: dict[str, str] = {}
    query_string_parameters: dict[str, str] = {}


class Request(msgspec.Struct, frozen=True):
    """A request of someone whose access token API Gateway has verified."""

    identity: Identity
    """Whom the token speaks for."""
    path: Mapping[str, str]
    """The path's parameters, by name."""
    query: Mapping[str, str]
    body: str | bytes

    def parse_path(self, type_: type[_Parsed]) -> _Parsed:
        """Read the path's parameters as this type; ChatError `bad_request` when they do not fit."""
        return parse(self.path, type_)

    def parse_query(self, type_: type[_Parsed]) -> _Parsed:
        """Read the query as this type; ChatError `bad_request` when it does not fit."""
        return parse(self.query, type_)

    def parse_body(self, type_: type[_Parsed]) -> _Parsed:
        """Read the body as this type; ChatError `not_json` or `bad_request` when it does not fit."""
        return decode(self.body, type_)


class Response(msgspec.Struct, frozen=True):
    """What a route answers."""

    body: msgspec.Struct
    status: int = 200


def routes(
    answers: Mapping[str, Callable[[Request], Response]], greet: Callable[[Identity], None]
) -> Handler:
    """Make the handler of a function's routes.

    Args:
        answers: what answers each route, by its key such as `GET /chats`.
        greet: is told of every caller first, and may refuse them.
    """

    def handler(event: Event, _context: object) -> dict[str, Any]:
        parsed = msgspec.convert(event, _Event)
        claims = parsed.request_context.authorizer.jwt.claims

        def work() -> Response:
            request = Request(
                _identity(claims), parsed.path_parameters, parsed.query_string_parameters, _body(parsed)
            )
            greet(request.identity)
            return answers[parsed.route_key](request)

        ids = {"requestId": parsed.request_context.request_id, "userId": str(claims.get("sub", ""))}
        result = carry_out(parsed.route_key, ids, work)
        if isinstance(result, ChatError):
            return _answered(Failure(error=error_body(result)), result.entry.status, retry_after(result))
        return _answered(result.body, result.status)

    return handler


def _answered(body: msgspec.Struct, status: int, headers: Mapping[str, str] = {}) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store", **headers},
        "body": encode(body).decode(),
    }


def _identity(claims: Mapping[str, Any]) -> Identity:
    """Read a Cognito access token's claims. An id token has no `username` and is refused."""
    try:
        read = msgspec.convert(claims, _Claims, strict=False)
    except msgspec.ValidationError as fault:
        raise ChatError("unauthenticated") from fault
    return Identity(read.sub, read.username, int(read.exp), int(read.iat))


def _body(event: _Event) -> str | bytes:
    if not event.is_base64_encoded:
        return event.body
    try:
        return base64.b64decode(event.body, validate=True)
    except binascii.Error as fault:
        raise ChatError("not_json") from fault
