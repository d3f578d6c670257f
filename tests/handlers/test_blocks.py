"""Blocks and profiles: who may write to whom, who finds whom, and what users say of themselves."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from chat.adapters import aws as aws_clients
from chat.adapters.blocks import BATCH_USERS, BlocksTable
from chat.domain import PERMISSION_LIFETIME
from chat.errors import ChatError
from chat.service.membership import KnownChats, Membership
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

BLOCK = "PUT /users/me/blocks/{userId}"
UNBLOCK = "DELETE /users/me/blocks/{userId}"


class Chat:
    """A direct chat of a and b, seen from one execution environment."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.chats = FakeChats(FakeMessages())
        self.chats.members = {"dm:a:b": ["a", "b"]}
        self.membership = Membership(self.chats, KnownChats(), self.clock.now)

    def admit(self) -> None:
        """Let a send."""
        self.membership.admit("a", "dm:a:b", 0)


@pytest.fixture
def chat() -> Chat:
    """A new environment."""
    return Chat()


def test_permission_to_write_is_asked_for_again_after_seconds(chat: Chat) -> None:
    """What was found is trusted so long and no longer."""
    chat.admit()
    chat.clock.time += PERMISSION_LIFETIME - 0.001
    chat.admit()
    assert chat.chats.reads == 1
    chat.clock.time += 0.001
    chat.admit()
    assert chat.chats.reads == 2


def test_block_holds_in_every_environment_within_seconds(chat: Chat) -> None:
    """An environment that has let someone write does not do so for ever."""
    chat.admit()
    chat.chats.blocked = {"dm:a:b"}
    chat.admit()
    chat.clock.time += PERMISSION_LIFETIME
    for _ in range(2):
        with pytest.raises(ChatError, match=r"^blocked"):
            chat.admit()
    chat.chats.blocked = set()
    chat.admit()


def test_block_leaves_history_readable(chat: Chat) -> None:
    """Who has blocked and who is blocked read what was written before."""
    chat.chats.blocked = {"dm:a:b"}
    chat.membership.require("a", "dm:a:b")
    chat.membership.require_all("b", ["dm:a:b"])


@pytest.mark.parametrize("by_alice", [True, False])
def test_blocked_chat_takes_no_message_from_either_side(parley: Parley, by_alice: bool) -> None:
    """Over the socket and over HTTP alike, and again once the block is lifted."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    blocker, other = (alice, bob) if by_alice else (bob, alice)
    assert parley.request(blocker, BLOCK, path={"userId": other.user_id})[0] == 200
    for person in (alice, bob):
        refused = parley.frame(person, send_frame(chat_id, 0, "hi"))
        assert (refused["code"], refused["chatId"], refused["definite"]) == ("blocked", chat_id, True)
        body = {"after": 0, "messages": send_frame(chat_id, 0, "hi")["messages"]}
        status, answer = parley.request(
            person, "POST /chats/{chatId}/messages", body, path={"chatId": chat_id}
        )
        assert (status, answer["error"]["code"]) == (403, "blocked")
    assert parley.request(blocker, UNBLOCK, path={"userId": other.user_id}) == (200, {})
    assert parley.frame(alice, send_frame(chat_id, 0, "hi"))["type"] == "ack"


@pytest.mark.parametrize("by_alice", [True, False])
def test_direct_chat_is_not_created_while_one_blocks_the_other(parley: Parley, by_alice: bool) -> None:
    """Refused to both, without a read before it; who has the chat already is given it."""
    alice, bob = Person("alice"), Person("bob")
    for person in (alice, bob):
        parley.request(person, "GET /users/me")
    blocker, other = (alice, bob) if by_alice else (bob, alice)
    assert parley.request(blocker, BLOCK, path={"userId": other.user_id})[0] == 200
    for one, two in ((alice, bob), (bob, alice)):
        status, answer = parley.request(one, "POST /chats", {"kind": "direct", "userId": two.user_id})
        assert (status, answer["error"]["code"]) == (403, "blocked")
        assert parley.request(one, "GET /chats")[1]["chats"] == []
    parley.request(blocker, UNBLOCK, path={"userId": other.user_id})
    parley.aws.reset()
    chat = {"kind": "direct", "userId": bob.user_id}
    assert parley.request(alice, "POST /chats", chat)[0] == 201
    assert parley.aws.operations()[-2:] == ["BatchGetItem", "TransactWriteItems"]
    parley.request(blocker, BLOCK, path={"userId": other.user_id})
    assert parley.request(alice, "POST /chats", chat)[0] == 200


def test_search_hides_who_has_blocked_the_searcher_and_only_from_them(parley: Parley) -> None:
    """Over the socket and over HTTP alike; who has blocked still finds the blocked."""
    suffix = uuid.uuid4().hex
    zoe, bob, carol = (Person(f"{suffix}-{name}") for name in ("zoe", "bob", "carol"))
    for person in (zoe, bob, carol):
        parley.request(person, "GET /users/me")
    parley.request(zoe, BLOCK, path={"userId": bob.user_id})

    def found(person: Person) -> set[str]:
        _, over_http = parley.request(person, "GET /users", query={"q": suffix})
        over_socket = parley.frame(person, {"action": "getUsers", "q": suffix})
        assert over_http["users"] == over_socket["users"]
        return {user["userId"] for user in over_http["users"]}

    assert found(bob) == {bob.user_id, carol.user_id}
    assert found(zoe) == found(carol) == {zoe.user_id, bob.user_id, carol.user_id}


def test_blocks_are_listed_page_by_page_to_their_owner_alone(parley: Parley) -> None:
    """In the order of the ids; blocking twice is blocking once."""
    alice, others = Person("alice"), [Person(f"other{number}") for number in range(3)]
    for person in others:
        parley.request(person, "GET /users/me")
        for _ in range(2):
            status, blocked = parley.request(alice, BLOCK, path={"userId": person.user_id})
            assert (status, blocked["username"]) == (200, person.username)
    _, first = parley.request(alice, "GET /users/me/blocks", query={"limit": "2"})
    _, rest = parley.request(alice, "GET /users/me/blocks", query={"limit": "2", "cursor": first["next"]})
    listed = [user["userId"] for user in first["users"] + rest["users"]]
    assert listed == sorted(person.user_id for person in others)
    assert parley.request(others[0], "GET /users/me/blocks") == (200, {"users": []})
    assert parley.request(alice, "GET /chats")[1]["chats"] == []


def test_block_of_oneself_or_of_nobody_is_refused(parley: Parley) -> None:
    """Each says what is wrong."""
    alice = Person("alice")
    refusals = {alice.user_id: "own_block", "nobody": "unknown_user", "a:b": "bad_request"}
    for user_id, code in refusals.items():
        assert parley.request(alice, BLOCK, path={"userId": user_id})[1]["error"]["code"] == code


def test_blocks_among_many_are_read_in_batches(parley: Parley) -> None:
    """Two keys a user, a hundred keys a request."""
    table = BlocksTable(aws_clients.dynamodb(), "chats")
    alice, others = Person().user_id, [Person().user_id for _ in range(BATCH_USERS + 1)]
    table.add(alice, others[0], "now")
    table.add(others[-1], alice, "now")
    parley.aws.reset()
    assert table.among(alice, others) == ({others[0]}, {others[-1]})
    assert parley.aws.operations() == ["BatchGetItem", "BatchGetItem"]


def test_profile_is_changed_field_by_field_and_read_by_others(parley: Parley) -> None:
    """What is absent stays; an empty `about` is one too."""
    dora, bob = Person("Dora"), Person("bob")
    parley.request(dora, "PATCH /users/me", {"displayName": "D."})
    parley.request(dora, "PATCH /users/me", {"about": "Reads."})
    profile = {"userId": dora.user_id, "username": "Dora", "displayName": "D.", "about": "Reads."}
    assert parley.request(bob, "GET /users/{userId}", path={"userId": dora.user_id}) == (200, profile)
    assert parley.request(dora, "PATCH /users/me", {"about": ""}) == (200, {**profile, "about": ""})


def test_profile_change_that_names_nothing_or_too_much_is_refused(parley: Parley) -> None:
    """Nothing is written."""
    dora = Person("Dora")
    parley.request(dora, "GET /users/me")
    parley.aws.reset()
    for body in ({}, {"about": "x" * 281}, {"displayName": " "}, {"userId": "a"}):
        status, answer = parley.request(dora, "PATCH /users/me", body)
        assert (status, answer["error"]["code"]) == (400, "bad_request")
    assert parley.request(dora, "GET /users/{userId}", path={"userId": "nobody"})[0] == 404
    assert parley.aws.operations() == ["GetItem"]
