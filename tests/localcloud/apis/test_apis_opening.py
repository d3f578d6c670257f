"""Whether a connection opens: every answer of the authorizer and of ``$connect``, without a socket."""

from __future__ import annotations

import json

import pytest

from localcloud.apis.integrations import Failure
from localcloud.apis.resources import Integration, Route
from localcloud.apis.websocket.effects import Accept, Forget, Reject
from localcloud.interfaces import Invocation
from tests.localcloud.apis.apis_fakes import NOW, policy, route
from tests.localcloud.apis.lifecycle_world import (
    CONNECT,
    DISCONNECT,
    GUARDED,
    function,
    invoked,
    lifecycle,
    raised,
    rejected,
    returned,
)


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


def test_authorizer_may_take_29_seconds() -> None:
    """AWS names no limit of its own; then the integration's holds."""
    assert invoked(lifecycle(GUARDED).handshake_asked()).timeout == 29


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


def test_mock_integration_answers_without_a_function() -> None:
    """A MOCK integration on ``$connect`` accepts at once."""
    mock = Route("$connect", integration=Integration("i", "MOCK"))
    assert lifecycle(mock).handshake_asked() == [Accept()]


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
