"""Makes the handlers of entries out of what answers: AWS's events in, responses out."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeVar

from chat import websocket
from chat.bootstrap import shared
from chat.codec import decode
from chat.protocol.client_frames import ClientFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from chat import site
    from chat.domain import Connection
    from chat.http import Request, Response
    from chat.protocol.server_frames import Answer
    from chat.service.link_keys import FirstLinkKey
    from chat.service.rotation import Rotation
    from chat.service.signing_keys import SigningKeys

_Frame = TypeVar("_Frame", bound=ClientFrame)
_Task = TypeVar("_Task")

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


def lifecycle(work: Callable[[websocket.Caller], None]) -> websocket.Handler:
    """The handler of $connect or $disconnect."""
    return websocket.lifecycle(work, _location())


def route(frame: type[_Frame], answer: Callable[[websocket.Caller, _Frame], Answer]) -> websocket.Handler:
    """The handler of a WebSocket route whose frames are all of one type."""
    return reading_route(lambda body: decode(body, frame), answer)


def reading_route(
    read: Callable[[str], _Frame], answer: Callable[[websocket.Caller, _Frame], Answer]
) -> websocket.Handler:
    """The handler of a WebSocket route that reads its frames in its own way."""
    return websocket.route(read, answer, _location(), time.time, _end_connection)


def authorizer() -> websocket.Handler:
    """The authorizer of $connect."""
    from chat.bootstrap import connections

    origins = frozenset(os.environ["ALLOWED_ORIGINS"].split(","))
    return websocket.authorizer(connections.ticket_office().spend, origins)


def http_routes(answers: Mapping[str, Callable[[Request], Response]]) -> websocket.Handler:
    """The handler of a function's routes of the HTTP API."""
    from chat import http
    from chat.bootstrap import users

    return http.routes(answers, users.user_directory().greet)


def site_routes(answers: Mapping[str, site.Answer]) -> websocket.Handler:
    """The handler of a function's routes at the web site's own origin."""
    from chat import site

    return site.routes(answers, os.environ["WEB_ORIGIN"])


def health_check(route: str, check: Callable[[], None]) -> websocket.Handler:
    """The handler of a route that Route 53 asks."""
    from chat import health

    return health.health_check(route, check)


def queue_tasks(action: str, task: type[_Task], work: Callable[[_Task], None]) -> websocket.Handler:
    """The handler of the batches of a queue whose messages are all of one type."""
    from chat import queue

    return queue.batches(action, task, work)


def scheduled(action: str, work: Callable[[], None]) -> Callable[[Mapping[str, Any], object], None]:
    """The handler of a schedule."""
    from chat import schedule

    return schedule.scheduled(action, work)


def key_pair(keys: SigningKeys) -> Callable[[Mapping[str, Any], object], None]:
    """The handler of a custom resource that is a pair of keys, under the name that its template gives it."""
    from chat import custom_resource

    def create(properties: Mapping[str, Any]) -> custom_resource.Made:
        name = str(properties["Name"])
        return custom_resource.Made(name, {"PublicKey": keys.create(name)})

    return custom_resource.handler(create, keys.delete)


def first_link_key(first: FirstLinkKey) -> Callable[[Mapping[str, Any], object], None]:
    """The handler of a custom resource that is the group of the keys of links, with the first of them."""
    from chat import custom_resource

    def create(_properties: Mapping[str, Any]) -> custom_resource.Made:
        return custom_resource.Made(first.create(), {})

    return custom_resource.handler(create, first.delete)


def secret_rotation(rotation: Rotation) -> Callable[[Mapping[str, Any], object], None]:
    """The handler of a secret's replacement."""
    from chat import rotation as events

    return events.handler(rotation.carry_out)


def _end_connection(connection: Connection, last_frame: bytes) -> None:
    """Posted, since a response would find the connection closed."""
    from chat.adapters.push import ConnectionsApi

    push = ConnectionsApi(connection.region)  # which is this one: the connection is the caller's
    if push.post(connection, last_frame):
        push.close(connection)


def _location() -> websocket.Location:
    return websocket.Location(shared.scheme(), os.environ["AWS_REGION"])
