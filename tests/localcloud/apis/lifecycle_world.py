"""A WebSocket connection's lifecycle to try out, and readers of the effects that it asks for."""

from __future__ import annotations

import json
from typing import Any

from localcloud.apis.resources import Route, Stage
from localcloud.apis.websocket.effects import Accept, Effect, Forget, Invoke, Reject, SendText
from localcloud.apis.websocket.events import Connection, Handshake
from localcloud.apis.websocket.lifecycle import Lifecycle
from localcloud.interfaces import Invocation
from localcloud.observations import Observations
from tests.localcloud.apis.apis_fakes import NOW, api, route, throttles, ticket_authorizer

API_ARN = "arn:aws:execute-api:us-east-1:000000000000:abc123"
CONNECTION_ID = "KHYl4F5kIAMCFbQ="

CONNECT = route("$connect", "connect")
GUARDED = route("$connect", "connect", authorization_type="CUSTOM", authorizer=ticket_authorizer())
DISCONNECT = route("$disconnect", "disconnect")
SEND = route("send", "send", responds=True)
SILENT = route("silent", "silent")


def lifecycle(*routes: Route, query: str = "ticket=t1", subprotocols: tuple[str, ...] = ()) -> Lifecycle:
    """A connection to an API with these routes, its upgrade just asked for."""
    connection = Connection(
        CONNECTION_ID, "abc123", Stage("dev"), "example", "example", NOW, "127.0.0.1", "tester", API_ARN
    )
    headers = (("Host", "example"), ("Authorization", "secret"))
    handshake = Handshake(headers, query, subprotocols)
    return Lifecycle(connection, handshake, api(*routes), throttles(), Observations())


def opened(*routes: Route) -> Lifecycle:
    """An open connection to an API with these routes."""
    life = lifecycle(*routes)
    effects = life.handshake_asked()
    if isinstance(effects[0], Invoke):
        effects = life.invocation_ended(effects[0].invocation_id, returned({"statusCode": 200}), NOW)
    assert effects == [Accept()]
    life.accepted(NOW)
    return life


def returned(value: Any) -> Invocation:
    """A handler that returned ``value``."""
    return Invocation("request", json.dumps(value).encode())


def raised(message: str) -> Invocation:
    """A handler that raised."""
    payload = json.dumps({"errorMessage": message, "errorType": "Exception"}).encode()
    return Invocation("request", payload, function_error="Unhandled")


def invoked(effects: list[Effect]) -> Invoke:
    """The one invocation that the effects ask for."""
    [invoke] = [effect for effect in effects if isinstance(effect, Invoke)]
    return invoke


def function(effects: list[Effect]) -> str:
    """The name of the one function that the effects invoke."""
    return invoked(effects).function.rpartition(":")[2]


def error(effects: list[Effect]) -> str:
    """The message of the one error frame that the effects send, after its form was checked."""
    [effect] = effects
    assert isinstance(effect, SendText)
    frame = json.loads(effect.text)
    rest = f'"connectionId":"{CONNECTION_ID}", "requestId":"{frame["requestId"]}"'
    assert effect.text == f'{{"message": "{frame["message"]}", {rest}}}'
    message: str = frame["message"]
    return message


def rejected(effects: list[Effect]) -> int:
    """The status with which the effects refuse the upgrade, after which nothing is left."""
    reject, forget = effects
    assert isinstance(reject, Reject)
    assert forget == Forget()
    return reject.status
