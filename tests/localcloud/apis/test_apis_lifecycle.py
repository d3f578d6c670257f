"""Every transition of a WebSocket connection's life, without a socket."""

from __future__ import annotations

import json

import pytest

from localcloud.apis.integrations import Failure
from localcloud.apis.resources import Integration, Route
from localcloud.apis.websocket.effects import Close, Forget, SendText
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
from tests.localcloud.apis.apis_fakes import NOW, api, function_uri, route
from tests.localcloud.apis.lifecycle_world import (
    CONNECT,
    DISCONNECT,
    SEND,
    SILENT,
    error,
    function,
    invoked,
    lifecycle,
    opened,
    raised,
    returned,
)


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


@pytest.mark.parametrize(("asked_ms", "seconds"), [(50, 0.05), (29_000, 29), (60_000, 29)])
def test_integration_may_take_29_seconds_at_most(asked_ms: int, seconds: float) -> None:
    """Whatever the integration asks for."""
    integration = Integration("i", "AWS_PROXY", function_uri("slow"), timeout_in_millis=asked_ms)
    life = opened(Route("slow", integration=integration))
    assert invoked(life.frame_received('{"action":"slow"}', NOW)).timeout == seconds


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
