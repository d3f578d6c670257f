"""Signing out everywhere: no ticket, no connection and no open socket of an earlier token is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.adapters import aws as aws_clients
from chat.adapters.users import UsersTable
from chat.domain import Identity
from chat.errors import ChatError
from chat.service.connections import ConnectionRegistry
from chat.service.sessions import Sessions, SignOut
from tests.handlers.support.fakes.accounts import FakeAccounts
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.users import FakeUsers
from tests.handlers.support.gateway_events import Person, socket_event

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

NEW = 4_000_000_000
"""When a token was issued that is younger than every sign-out of these tests."""


class World:
    """a's two devices and b's one."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.users = FakeUsers()
        self.accounts = FakeAccounts()
        self.push = FakePush()
        self.connections = FakeConnections(
            connection("a", "a1"), connection("a", "a2"), connection("b", "b1")
        )
        self.registry = ConnectionRegistry(self.connections, self.clock)
        self.sign_out = SignOut(self.users, self.accounts, self.connections, self.push, self.clock)

    def identity(self, issued_at: float) -> Identity:
        """a, by a token issued at a time."""
        return Identity("a", "Alice", int(START) + 3_600, int(issued_at))


@pytest.fixture
def world() -> World:
    """A new world."""
    return World()


def test_signing_out_everywhere_closes_all_of_the_users_connections_and_no_others(world: World) -> None:
    """And ends the sessions at the user pool."""
    world.sign_out(world.identity(START - 60))
    assert sorted(world.push.closed) == ["a1", "a2"]
    assert world.connections.ids() == ["b1"]
    assert world.accounts.signed_out == ["Alice"]


@pytest.mark.parametrize(("issued_at", "good"), [(START - 1, False), (START, False), (START + 1, True)])
def test_token_is_good_for_tickets_when_it_was_issued_later(
    world: World, issued_at: float, good: bool
) -> None:
    """One of the very second may be older than the sign-out, and is refused."""
    sessions = Sessions(world.users)
    sessions.require(world.identity(issued_at))
    world.sign_out(world.identity(START - 60))
    if good:
        sessions.require(world.identity(issued_at))
    else:
        with pytest.raises(ChatError, match=r"^signed_out"):
            sessions.require(world.identity(issued_at))


def test_connection_by_a_ticket_from_before_is_not_registered(world: World) -> None:
    """The ticket was given before the sign-out, and is spent after it."""
    world.sign_out(world.identity(START - 60))
    with pytest.raises(ChatError, match=r"^signed_out"):
        world.registry.open(connection("a", "a3"))
    assert world.connections.ids() == ["b1"]


def test_sign_out_that_failed_halfway_is_done_by_repeating_it(world: World) -> None:
    """Until then no new ticket is given; afterwards nothing is open."""
    world.accounts.fault = ConnectionError()
    with pytest.raises(ConnectionError):
        world.sign_out(world.identity(START - 60))
    with pytest.raises(ChatError, match=r"^signed_out"):
        Sessions(world.users).require(world.identity(START - 60))
    world.accounts.fault = None
    world.sign_out(world.identity(START - 60))
    assert world.connections.ids() == ["b1"]


def test_signing_out_everywhere_costs_two_updates_one_call_and_a_close_a_device(parley: Parley) -> None:
    """And one update that forgets the connections."""
    alice = Person("alice")
    parley.connect(alice, Person("alice", alice.user_id))
    parley.request(alice, "POST /tickets")
    parley.aws.reset()
    assert parley.request(alice, "POST /sign-out", {"everywhere": True}) == (200, {})
    operations = parley.aws.operations()
    assert operations[:3] == ["UpdateItem", "AdminUserGlobalSignOut", "UpdateItem"]
    assert operations[3:] == ["DELETE", "DELETE", "UpdateItem"]
    assert parley.aws.calls[1].body == {"UserPoolId": "us-east-1_Example", "Username": "alice"}


def test_tickets_and_connections_want_a_token_issued_after_signing_out(parley: Parley) -> None:
    """Through the table, as every environment sees it; another user is not concerned."""
    alice, bob = Person("alice"), Person("bob")
    again = Person("alice", alice.user_id, token_issued_at=NEW)
    parley.request(alice, "POST /sign-out", {"everywhere": True})
    status, refused = parley.request(alice, "POST /tickets")
    assert (status, refused["error"]["code"]) == (401, "signed_out")
    event = socket_event(alice, "$connect", domain_name=parley.domain_name)
    assert parley.invoke("connect", event) == {"statusCode": 401}
    for person in (again, bob):
        assert parley.request(person, "POST /tickets")[0] == 200
        parley.connect(person)


def test_token_of_a_deleted_account_is_refused_and_makes_no_profile(parley: Parley) -> None:
    """Whatever it asks for, by the write that would have made the profile; nobody else."""
    alice, bob = Person("alice"), Person("bob")
    UsersTable(aws_clients.dynamodb(), "users").delete(alice.user_id, "now")
    parley.aws.reset()
    for route in ("GET /chats", "GET /users/me", "POST /users/me/export"):
        status, refused = parley.request(alice, route)
        assert (status, refused["error"]["code"]) == (401, "signed_out")
    assert parley.aws.operations() == ["PutItem"] * 3
    assert parley.request(bob, "GET /chats")[0] == 200
    assert parley.request(bob, "GET /users/{userId}", path={"userId": alice.user_id})[0] == 404


@pytest.mark.parametrize("body", [{}, {"everywhere": False}, {"everywhere": True, "userId": "b"}])
def test_sign_out_of_anything_else_is_refused(parley: Parley, body: dict[str, object]) -> None:
    """This route ends all sessions of the caller, and says so."""
    status, refused = parley.request(Person("alice"), "POST /sign-out", body)
    assert (status, refused["error"]["code"]) == (400, "bad_request")
