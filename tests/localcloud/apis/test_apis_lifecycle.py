"""Every transition of a WebSocket connection's life, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.apis.catalog import Integration, Route, Stage
from localcloud.apis.integrations import Failure
from localcloud.apis.websocket.effects import Accept, Close, Effect, Forget, Invoke, Reject, SendText
from localcloud.apis.websocket.events import Connection, Handshake
from localcloud.apis.websocket.lifecycle import Lifecycle
from localcloud.apis.websocket.limits import (
    CLOSING_SECONDS,
    IDLE_SECONDS,
    LIFE_SECONDS,
    MAXIMUM_MESSAGE_BYTES,
    OUTGOING_LIMIT_BYTES,
    ConnectionGoneError,
    OutgoingBufferFullError,
    PayloadTooLargeError,
)
from localcloud.interfaces import Invocation
from localcloud.observations import Observations
from tests.localcloud.apis.apis_fakes import NOW, api, policy, route, throttles, ticket_authorizer

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


def test_handshake_without_connect_route_is_accepted() -> None:
    """An API need not have ``$connect``; ``$default`` does not stand in for it."""
    assert lifecycle(route("$default", "default")).handshake_asked() == [Accept()]


def test_handshake_with_connect_route_waits_for_its_integration() -> None:
    """Nothing is accepted before ``$connect`` has answered."""
    life = lifecycle(CONNECT)
    effects = life.handshake_asked()
    assert function(effects) == "connect"
    assert life.invocation_ended(invoked(effects).invocation_id, returned({"statusCode": 204}), NOW) == [
        Accept()
    ]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (returned({"statusCode": 400}), 400),
        (returned({"statusCode": 503, "body": "later"}), 503),
        (returned({"statusCode": 101}), 502),
        (returned(None), 502),
        (returned({"ok": True}), 502),
        (raised("boom"), 502),
        (Invocation("request", throttled=True), 502),
        (Failure.NO_FUNCTION, 502),
        (Failure.TIMED_OUT, 504),
    ],
)
def test_connect_answer_that_is_no_success_rejects(outcome: Invocation | Failure, status: int) -> None:
    """A refusal passes through; a crash is a bad gateway."""
    life = lifecycle(CONNECT)
    effects = life.handshake_asked()
    assert rejected(life.invocation_ended(invoked(effects).invocation_id, outcome, NOW)) == status


def test_connect_refusal_body_passes_through() -> None:
    """The refused client sees the integration's body."""
    life = lifecycle(CONNECT)
    invocation_id = invoked(life.handshake_asked()).invocation_id
    answer = returned({"statusCode": 403, "body": "spent"})
    assert life.invocation_ended(invocation_id, answer, NOW) == [Reject(403, "spent"), Forget()]


@pytest.mark.parametrize(("answered", "agreed"), [("v1", "v1"), ("v9", None)])
def test_subprotocol_is_agreed_only_when_asked_for(answered: str, agreed: str | None) -> None:
    """The integration chooses among what the client offered."""
    life = lifecycle(CONNECT, subprotocols=("v1", "v2"))
    invocation_id = invoked(life.handshake_asked()).invocation_id
    answer = returned({"statusCode": 200, "headers": {"sec-websocket-protocol": answered}})
    assert life.invocation_ended(invocation_id, answer, NOW) == [Accept(agreed)]


def test_authorizer_without_identity_is_401_and_not_invoked() -> None:
    """A missing identity source never reaches the function."""
    assert rejected(lifecycle(GUARDED, query="").handshake_asked()) == 401


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (returned(policy("Deny")), 403),
        (returned(policy("Allow", "arn:aws:execute-api:*:*:other/*")), 403),
        (raised("Unauthorized"), 401),
        (raised("boom"), 500),
        (returned({"principalId": "u"}), 500),
        (returned(policy("Allow", nested={"a": 1})), 500),
        (returned(policy("Allow", big="x" * 9000)), 500),
        (Failure.TIMED_OUT, 500),
    ],
)
def test_authorizer_refusal_has_its_status(outcome: Invocation | Failure, status: int) -> None:
    """Deny is 403, "Unauthorized" 401, every other fault 500; ``$connect`` is not invoked."""
    life = lifecycle(GUARDED)
    effects = life.handshake_asked()
    assert function(effects) == "authorizer"
    assert rejected(life.invocation_ended(invoked(effects).invocation_id, outcome, NOW)) == status


def test_authorizer_that_is_not_there_is_500() -> None:
    """A route that asks for authorization never stands open."""
    unguarded = route("$connect", "connect", authorization_type="CUSTOM")
    assert rejected(lifecycle(unguarded).handshake_asked()) == 500


def test_authorizer_allow_invokes_connect_with_context() -> None:
    """The context arrives as strings, with principalId."""
    life = lifecycle(GUARDED)
    invocation_id = invoked(life.handshake_asked()).invocation_id
    effects = life.invocation_ended(invocation_id, returned(policy("Allow", userId="u", n=1.5)), NOW)
    event = json.loads(invoked(effects).payload)
    assert event["requestContext"]["authorizer"] == {"userId": "u", "n": "1.5", "principalId": "user-1"}


def test_frame_selects_its_route_and_is_answered() -> None:
    """A route with a route response answers with the integration's body."""
    life = opened(CONNECT, SEND)
    effects = life.frame_received('{"action":"send"}', NOW)
    assert function(effects) == "send"
    answer = returned({"statusCode": 200, "body": "ok"})
    assert life.invocation_ended(invoked(effects).invocation_id, answer, NOW) == [SendText("ok", 2)]


def test_frame_of_silent_route_is_not_answered() -> None:
    """Without a route response nothing is sent."""
    life = opened(SILENT)
    invocation_id = invoked(life.frame_received('{"action":"silent"}', NOW)).invocation_id
    assert life.invocation_ended(invocation_id, returned({"statusCode": 200, "body": "ok"}), NOW) == []


@pytest.mark.parametrize(
    "frame", ["not json", "[]", '"send"', "{}", '{"action":7}', '{"action":"other"}', ""]
)
def test_frame_that_selects_nothing_goes_to_default(frame: str) -> None:
    """Whatever selects no route reaches ``$default``."""
    life = opened(SEND, route("$default", "default"))
    effects = life.frame_received(frame, NOW)
    assert function(effects) == "default"


@pytest.mark.parametrize("key", ["$connect", "$disconnect"])
def test_frame_naming_lifecycle_route_cannot_invoke_it(key: str) -> None:
    """A client cannot play API Gateway's part."""
    life = opened(CONNECT, DISCONNECT)
    assert error(life.frame_received(json.dumps({"action": key}), NOW)) == "Forbidden"


def test_frame_without_route_or_default_is_forbidden() -> None:
    """AWS's error frame, with its spacing."""
    assert error(opened(SEND).frame_received("{}", NOW)) == "Forbidden"


@pytest.mark.parametrize(
    "outcome",
    [
        raised("boom"),
        Failure.TIMED_OUT,
        Failure.NO_FUNCTION,
        Invocation("r", throttled=True),
        returned("text"),
    ],
)
def test_failed_integration_is_an_internal_server_error(outcome: Invocation | Failure) -> None:
    """Also where the route has no route response."""
    life = opened(SILENT)
    invocation_id = invoked(life.frame_received('{"action":"silent"}', NOW)).invocation_id
    assert error(life.invocation_ended(invocation_id, outcome, NOW)) == "Internal server error"


def test_route_without_integration_is_an_internal_server_error() -> None:
    """A route that leads nowhere says so."""
    assert error(opened(route("send")).frame_received('{"action":"send"}', NOW)) == "Internal server error"


def test_mock_integration_answers_without_a_function() -> None:
    """A MOCK integration on ``$connect`` accepts at once."""
    mock = Route("$connect", integration=Integration("i", "MOCK"))
    assert lifecycle(mock).handshake_asked() == [Accept()]


def test_second_outcome_of_a_request_changes_nothing() -> None:
    """After a timeout the function's late answer is dropped."""
    life = opened(SEND)
    invocation_id = invoked(life.frame_received('{"action":"send"}', NOW)).invocation_id
    life.invocation_ended(invocation_id, Failure.TIMED_OUT, NOW)
    assert life.invocation_ended(invocation_id, returned({"statusCode": 200, "body": "late"}), NOW) == []


def test_answers_come_in_the_order_of_the_functions() -> None:
    """Two frames are at work at once; who ends first is answered first."""
    life = opened(SEND)
    first = invoked(life.frame_received('{"action":"send","n":1}', NOW)).invocation_id
    second = invoked(life.frame_received('{"action":"send","n":2}', NOW)).invocation_id
    assert life.invocation_ended(second, returned({"statusCode": 200, "body": "2"}), NOW) == [
        SendText("2", 1)
    ]
    assert life.invocation_ended(first, returned({"statusCode": 200, "body": "1"}), NOW) == [SendText("1", 1)]


def test_binary_frame_closes_with_1003() -> None:
    """There are no binary media types."""
    [effect] = opened(SEND).frame_received(b"x", NOW)
    assert isinstance(effect, Close)
    assert effect.code == 1003


def test_oversized_message_closes_with_1009() -> None:
    """Bytes count, not characters."""
    life = opened(SEND)
    [effect] = life.frame_received("é" * (MAXIMUM_MESSAGE_BYTES // 2 + 1), NOW)
    assert isinstance(effect, Close)
    assert effect.code == 1009


def test_post_before_connect_has_answered_is_gone() -> None:
    """A connection can be posted to only once it is open."""
    life = lifecycle(CONNECT)
    life.handshake_asked()
    with pytest.raises(ConnectionGoneError):
        life.post_asked(b"x", NOW)


def test_post_sends_text_with_replaced_bad_bytes() -> None:
    """Frames are text, whatever the bytes."""
    assert opened().post_asked(b"a\xff", NOW) == [SendText("a\ufffd", 4)]


def test_post_above_128_kb_is_too_large() -> None:
    """Exactly 128 KB passes."""
    life = opened()
    life.post_asked(b"x" * MAXIMUM_MESSAGE_BYTES, NOW)
    with pytest.raises(PayloadTooLargeError):
        life.post_asked(b"x" * (MAXIMUM_MESSAGE_BYTES + 1), NOW)


def test_post_to_slow_reader_is_refused_until_it_reads() -> None:
    """What waits for a client is bounded; written text makes room."""
    life = opened()
    for _ in range(OUTGOING_LIMIT_BYTES // MAXIMUM_MESSAGE_BYTES):
        life.post_asked(b"x" * MAXIMUM_MESSAGE_BYTES, NOW)
    assert life.outgoing_full
    with pytest.raises(OutgoingBufferFullError):
        life.post_asked(b"x", NOW)
    life.text_written(MAXIMUM_MESSAGE_BYTES)
    assert life.post_asked(b"x", NOW) == [SendText("x", 1)]


def test_delete_closes_normally_and_disconnect_follows_once() -> None:
    """AWS closes a deleted connection with 1000."""
    life = opened(DISCONNECT)
    assert life.delete_asked(NOW) == [Close(1000, "Connection Closed Normally")]
    with pytest.raises(ConnectionGoneError):
        life.post_asked(b"x", NOW)
    effects = life.socket_closed(1000, "Connection Closed Normally", NOW)
    assert function(effects) == "disconnect"
    assert effects[-1] == Forget()
    assert life.socket_closed(1006, "", NOW) == []


def test_closed_connection_without_disconnect_route_is_forgotten() -> None:
    """``$default`` does not stand in for ``$disconnect``."""
    assert opened(route("$default", "default")).socket_closed(1000, "", NOW) == [Forget()]


def test_idle_connection_goes_away_after_ten_minutes() -> None:
    """A message in either direction counts as life."""
    life = opened(SILENT)
    life.frame_received('{"action":"silent"}', NOW + 300)
    assert life.tick(NOW + IDLE_SECONDS) == []
    assert life.tick(NOW + 300 + IDLE_SECONDS) == [Close(1001, "Going away")]


def test_busy_connection_goes_away_after_two_hours() -> None:
    """No connection lives longer, however busy."""
    life = opened()
    life.post_asked(b"x", NOW + LIFE_SECONDS - 1)
    assert life.tick(NOW + LIFE_SECONDS - 1) == []
    assert life.tick(NOW + LIFE_SECONDS) == [Close(1001, "Going away")]


def test_client_that_never_answers_the_close_is_given_up() -> None:
    """A closing connection does not stay for ever."""
    life = opened(DISCONNECT)
    life.delete_asked(NOW)
    assert life.tick(NOW + CLOSING_SECONDS - 1) == []
    effects = life.tick(NOW + CLOSING_SECONDS)
    assert function(effects) == "disconnect"
    assert effects[-1] == Forget()


def test_client_that_leaves_during_connect_is_disconnected_afterwards() -> None:
    """What ``$connect`` registered hears of the end, and nothing is accepted."""
    life = lifecycle(CONNECT, DISCONNECT)
    invocation_id = invoked(life.handshake_asked()).invocation_id
    assert life.socket_closed(1006, "", NOW) == []
    effects = life.invocation_ended(invocation_id, returned({"statusCode": 200}), NOW)
    assert function(effects) == "disconnect"
    assert effects[-1] == Forget()


def test_client_that_leaves_during_authorization_is_never_connected() -> None:
    """``$connect`` is spared, and so is ``$disconnect``."""
    life = lifecycle(GUARDED, DISCONNECT)
    invocation_id = invoked(life.handshake_asked()).invocation_id
    life.socket_closed(1006, "", NOW)
    assert life.invocation_ended(invocation_id, returned(policy("Allow")), NOW) == [Forget()]


def test_answer_after_the_end_is_dropped() -> None:
    """A function that outlives its connection sends nothing."""
    life = opened(SEND)
    invocation_id = invoked(life.frame_received('{"action":"send"}', NOW)).invocation_id
    life.socket_closed(1000, "", NOW)
    assert life.invocation_ended(invocation_id, returned({"statusCode": 200, "body": "late"}), NOW) == []


def test_new_deployment_serves_the_next_frame() -> None:
    """The driver puts the API as it is now; an open connection follows it."""
    life = opened(SEND)
    life.deployed(api(route("new", "new")))
    assert function(life.frame_received('{"action":"new"}', NOW)) == "new"
    life.deployed(None)
    assert error(life.frame_received('{"action":"new"}', NOW)) == "Forbidden"
