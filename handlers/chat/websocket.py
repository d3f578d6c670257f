"""API Gateway's WebSocket events, parsed once, and the responses to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from chat.codec import encode, error_frame
from chat.domain import Connection, Identity
from chat.errors import ChatError
from chat.invocation import LOGGER, carry_out
from chat.logging import tell
from chat.protocol.client_frames import ClientFrame
from chat.protocol.server_frames import Answer  # noqa: TC001 - beside the others that run
from chat.protocol.values import RequestId

Event = Mapping[str, Any]
Handler = Callable[[Event, object], dict[str, Any]]
OK: Mapping[str, Any] = {"statusCode": 200}
_LOGGED_CHARACTERS = 200
"""How much of what a client may have made up goes into a log."""


class _Authorizer(msgspec.Struct, frozen=True, rename="camel"):
    user_id: str
    username: str
    expires_at: int
    issued_at: int = 0


class _Context(msgspec.Struct, frozen=True, rename="camel"):
    api_id: str
    authorizer: _Authorizer
    connected_at: int
    connection_id: str
    domain_name: str
    request_id: str
    route_key: str
    stage: str


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    request_context: _Context
    body: str = ""


class _Handshake(msgspec.Struct, frozen=True, rename="camel"):
    method_arn: str
    request_context: _HandshakeContext
    query_string_parameters: dict[str, str] = {}
    headers: dict[str, str] = {}

    @property
    def page_origin(self) -> str | None:
        """The origin of the page that connects; None where no page does. A browser's page cannot hide it."""
        return next((value for name, value in self.headers.items() if name.lower() == "origin"), None)


class _HandshakeContext(msgspec.Struct, frozen=True, rename="camel"):
    connection_id: str
    request_id: str


class _Envelope(msgspec.Struct, frozen=True, rename="camel"):
    request_id: RequestId | UnsetType = UNSET


class Location(msgspec.Struct, frozen=True):
    """Where this environment runs, which is where its connections end."""

    scheme: str
    """`https`, or `http` on an emulator that answers without TLS."""
    region: str


class Caller(msgspec.Struct, frozen=True):
    """Who sent an event and by which connection: what the authorizer vouched for, never what a body says."""

    user_id: str
    connection: Connection
    """Expires when the token does."""


_Frame = TypeVar("_Frame", bound=ClientFrame)


def lifecycle(work: Callable[[Caller], None], location: Location) -> Handler:
    """Make the handler of $connect or $disconnect: 200 when the work is done, else the error's status."""

    def handler(event: Event, _context: object) -> dict[str, Any]:
        parsed = msgspec.convert(event, _Event, strict=False)
        caller = _caller(parsed.request_context, location)
        result = carry_out(
            parsed.request_context.route_key, _ids(parsed.request_context), lambda: work(caller)
        )
        return {"statusCode": result.entry.status} if isinstance(result, ChatError) else dict(OK)

    return handler


def route(
    read: Callable[[str], _Frame],
    answer: Callable[[Caller, _Frame], Answer],
    location: Location,
    now: Callable[[], float],
    end: Callable[[Connection, bytes], None],
) -> Handler:
    """Make the handler of a route with a route response: the answer's frame, or an error's, is the response.

    Args:
        read: parses the body.
        answer: carries the frame out.
        location: where this environment runs.
        now: seconds since the epoch.
        end: sends a connection a last frame and closes it, for when its token has ended.
    """

    def handler(event: Event, _context: object) -> dict[str, Any]:
        parsed = msgspec.convert(event, _Event, strict=False)
        caller = _caller(parsed.request_context, location)

        def work() -> bytes:
            if caller.connection.expires_at <= now():
                expired = ChatError("token_expired")
                end(caller.connection, encode(error_frame(expired, _request_id(parsed.body))))
                raise expired
            frame = read(parsed.body)
            return encode(msgspec.structs.replace(answer(caller, frame), request_id=frame.request_id))

        result = carry_out(parsed.request_context.route_key, _ids(parsed.request_context), work)
        if isinstance(result, ChatError):
            result = encode(error_frame(result, _request_id(parsed.body)))
        return {**OK, "body": result.decode()}

    return handler


def authorizer(spend: Callable[[str, str], Identity | None], origins: Collection[str]) -> Handler:
    """Make the authorizer of $connect: a ticket that is good opens the connection for whom it stands for.

    Any other is refused by a policy that denies, so the upgrade's status is 403; where there is no ticket at
    all, API Gateway answers 401 by itself. So is a page of another site, before its ticket is looked at. A
    fault of ours is raised: 500.

    Args:
        spend: spends a ticket on the connection with an id.
        origins: whose pages may connect; programs that are no pages may in any case.
    """

    def handler(event: Event, _context: object) -> dict[str, Any]:
        handshake = msgspec.convert(event, _Handshake)
        context = handshake.request_context

        def work() -> Identity:
            origin = handshake.page_origin
            if origin is not None and origin not in origins:
                tell(LOGGER, "origin_refused", {"origin": origin[:_LOGGED_CHARACTERS]}, always=False)
                raise ChatError("unauthenticated")
            ticket = handshake.query_string_parameters.get("ticket", "")
            identity = spend(ticket, context.connection_id)
            if identity is None:
                raise ChatError("unauthenticated")
            return identity

        ids = {"requestId": context.request_id, "connectionId": context.connection_id}
        result = carry_out("authorize", ids, work)
        if not isinstance(result, ChatError):
            vouched = {
                "userId": result.user_id,
                "username": result.username,
                "expiresAt": str(result.expires_at),
                "issuedAt": str(result.issued_at),
            }
            return _policy("Allow", handshake.method_arn, result.user_id, vouched)
        if result.code != "unauthenticated":
            raise result
        return _policy("Deny", handshake.method_arn, "anonymous", {})

    return handler


def _policy(effect: str, resource: str, principal: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }


def _caller(context: _Context, location: Location) -> Caller:
    user_id = context.authorizer.user_id
    connection = Connection(
        user_id=user_id,
        id=context.connection_id,
        endpoint=_endpoint(context, location),
        region=location.region,
        connected_at=context.connected_at,
        expires_at=context.authorizer.expires_at,
        token_issued_at=context.authorizer.issued_at,
    )
    return Caller(user_id, connection)


def _endpoint(context: _Context, location: Location) -> str:
    """Where the connection's own API answers: a domain of one's own may lead to another region's."""
    host = context.domain_name
    if location.scheme == "https" and ".execute-api." not in host:
        suffix = "amazonaws.com.cn" if location.region.startswith("cn-") else "amazonaws.com"
        host = f"{context.api_id}.execute-api.{location.region}.{suffix}"
    return f"{location.scheme}://{host}/{context.stage}"


def _ids(context: _Context) -> dict[str, str]:
    return {
        "requestId": context.request_id,
        "connectionId": context.connection_id,
        "userId": context.authorizer.user_id,
    }


def _request_id(body: str) -> str | UnsetType:
    """Find the frame's `requestId`, so that even the answer to a bad frame names it."""
    try:
        return msgspec.json.decode(body, type=_Envelope).request_id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return UNSET
