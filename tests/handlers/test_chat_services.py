"""The use cases beside sending: membership, history, catching up, directories, tickets, connections."""

from __future__ import annotations

import hashlib

import pytest
from msgspec import UNSET

from chat.domain import PAGE_BYTES, Connection, Identity, User
from chat.errors import ChatError
from chat.service.avatars import Avatars
from chat.service.chats import ChatDirectory
from chat.service.connections import ConnectionRegistry
from chat.service.history import History
from chat.service.membership import KnownChats, Membership
from chat.service.sync import CatchUp
from chat.service.tickets import TicketOffice
from chat.service.users import GREETING_LIFETIME, UpdateProfile, UserDirectory, UserSearch
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakeTickets, connection
from tests.handlers.support.fakes.media import FakeMediaStorage
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.users import FakeBlocks, FakeUsers

NO_AVATARS = Avatars(FakeMediaStorage, FakeClock())


class World:
    """Everything in memory, seen from one new execution environment."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.users = FakeUsers(User("a", "Alice"), User("b", "bob", "Bob B."), User("c", "carol"))
        self.membership = Membership(self.chats, KnownChats())
        self.history = History(self.membership, self.messages)
        self.catch_up = CatchUp(self.membership, self.messages, FakeChanges(self.messages))
        self.changes = FakeChanges(self.messages, self.chats)
        self.directory = ChatDirectory(
            self.chats, self.messages, self.changes, self.users, self.membership, self.clock
        )


@pytest.fixture
def world() -> World:
    """A world with the chats of a and b, and of a and c."""
    world = World()
    world.chats.members = {"dm:a:b": ["a", "b"], "dm:a:c": ["a", "c"]}
    return world


def test_admission_to_an_unseen_chat_costs_one_read_and_then_none(world: World) -> None:
    """What is known is not asked again."""
    world.messages.write("dm:a:b", "a", "1", "2")
    assert world.membership.admit("a", "dm:a:b", 2).members == ("a", "b")
    assert world.membership.admit("b", "dm:a:b", 1).members == ("a", "b")
    assert world.chats.reads == 1


def test_admission_past_what_was_seen_costs_one_read(world: World) -> None:
    """Another environment may have written on."""
    world.membership.admit("a", "dm:a:b", 0)
    with pytest.raises(ChatError, match=r"^bad_after"):
        world.membership.admit("a", "dm:a:b", 1)
    world.messages.write("dm:a:b", "a", "1")
    world.membership.admit("a", "dm:a:b", 1)
    assert world.chats.reads == 3


@pytest.mark.parametrize("chat_id", ["dm:a:b", "dm:a:x", "dm:b:a", "g:1", "nonsense"])
def test_stranger_cannot_tell_a_chat_from_none(world: World, chat_id: str) -> None:
    """The same error, and no read whose duration could tell."""
    for ask in (
        lambda: world.membership.admit("c", chat_id, 0),
        lambda: world.membership.require("c", chat_id),
        lambda: world.membership.require_all("c", [chat_id]),
        lambda: world.directory.get("c", chat_id),
    ):
        with pytest.raises(ChatError, match=r"^unknown_chat"):
            ask()
    assert world.chats.reads == 0


def test_chat_not_created_is_unknown_to_its_would_be_members(world: World) -> None:
    """An id in the right form makes no chat."""
    for ask in (
        lambda: world.membership.admit("b", "dm:b:c", 0),
        lambda: world.membership.require("b", "dm:b:c"),
        lambda: world.membership.require_all("b", ["dm:a:b", "dm:b:c"]),
    ):
        with pytest.raises(ChatError, match=r"^unknown_chat"):
            ask()


@pytest.mark.parametrize(
    ("after", "before", "seqs", "has_more"),
    [
        (0, UNSET, [1, 2, 3], True),
        (2, UNSET, [3, 4, 5], False),
        (5, UNSET, [], False),
        (UNSET, 5, [2, 3, 4], True),
        (UNSET, 4, [1, 2, 3], False),
        (UNSET, 1, [], False),
        (UNSET, UNSET, [3, 4, 5], True),
    ],
)
def test_history_page_ascends_and_tells_whether_there_is_more(
    world: World, after: int, before: int, seqs: list[int], has_more: bool
) -> None:
    """From either end."""
    world.messages.write("dm:a:b", "a", *"12345")
    page = world.history("b", "dm:a:b", after, before, UNSET, 3)
    assert [message.seq for message in page.messages] == seqs
    assert page.has_more is has_more


@pytest.mark.parametrize(("around", "seqs"), [(1, [1, 2, 3]), (3, [2, 3, 4]), (5, [4, 5])])
def test_history_around_a_message_has_it_in_the_middle(world: World, around: int, seqs: list[int]) -> None:
    """With what lies before and after it, as far as there is any."""
    world.messages.write("dm:a:b", "a", *"12345")
    page = world.history("b", "dm:a:b", UNSET, UNSET, around, 3)
    assert [message.seq for message in page.messages] == seqs


def test_history_page_of_long_messages_is_cut_to_fit_an_answer(world: World) -> None:
    """From the end that was asked for."""
    world.messages.write("dm:a:b", "a", *["x" * (PAGE_BYTES // 3)] * 4)
    ascending = world.history("a", "dm:a:b", 0, UNSET, UNSET, 100)
    newest = world.history("a", "dm:a:b", UNSET, UNSET, UNSET, 100)
    assert [message.seq for message in ascending.messages] == [1, 2]
    assert [message.seq for message in newest.messages] == [3, 4]
    assert ascending.has_more
    assert newest.has_more


def test_catching_up_tells_of_every_chat_in_the_order_asked(world: World) -> None:
    """One read decides all memberships."""
    world.messages.write("dm:a:b", "b", *"12")
    answer = world.catch_up("a", {"dm:a:c": 0, "dm:a:b": 1}, {})
    assert [(body.chat_id, [m.seq for m in body.messages], body.has_more) for body in answer] == [
        ("dm:a:c", [], False),
        ("dm:a:b", [2], False),
    ]
    assert world.chats.reads == 1


def test_catching_up_repeatedly_gets_everything_though_one_answer_is_too_small() -> None:
    """Each answer fits, makes progress and says where there is more."""
    world = World()
    others = [f"u{number:02}" for number in range(20)]
    for other in others:
        world.chats.members[f"dm:a:{other}"] = ["a", other]
        world.messages.write(f"dm:a:{other}", other, *["x" * 9_000] * 3)
    cursors = {f"dm:a:{other}": 0 for other in others}
    rounds = 0
    while rounds < 40:
        rounds += 1
        answer = world.catch_up("a", cursors, {})
        size = sum(len(message.text) for body in answer for message in body.messages)
        assert 0 < size <= PAGE_BYTES + 9_000
        for body in answer:
            assert [m.seq for m in body.messages] == [
                cursors[body.chat_id] + number for number in range(1, len(body.messages) + 1)
            ]
            cursors[body.chat_id] += len(body.messages)
        if not any(body.has_more for body in answer):
            break
    assert set(cursors.values()) == {3}
    assert rounds <= 8


def test_direct_chat_is_created_once_whoever_asks(world: World) -> None:
    """Idempotent from both sides; the second sees what is in it."""
    first, created = world.directory.create_direct("c", "b")
    world.messages.write("dm:b:c", "c", "hi")
    second, created_again = world.directory.create_direct("b", "c")
    assert (created, created_again) == (True, False)
    assert first.chat_id == second.chat_id == "dm:b:c"
    assert first.other_member == User("b", "bob", "Bob B.")
    assert (first.last_seq, second.last_seq) == (0, 1)


@pytest.mark.parametrize(("other", "code"), [("a", "own_chat"), ("nobody", "unknown_user")])
def test_direct_chat_with_oneself_or_nobody_is_refused(world: World, other: str, code: str) -> None:
    """Nothing is created."""
    with pytest.raises(ChatError, match=rf"^{code}"):
        world.directory.create_direct("a", other)
    assert len(world.chats.members) == 2


def test_direct_chat_is_refused_while_one_blocks_the_other_unless_it_is_there(world: World) -> None:
    """A block keeps strangers from a chat, and takes from nobody what was written."""
    world.chats.blocked = {"dm:b:c", "dm:a:b"}
    with pytest.raises(ChatError, match=r"^blocked"):
        world.directory.create_direct("c", "b")
    assert "dm:b:c" not in world.chats.members
    assert world.directory.create_direct("a", "b")[1] is False
    world.chats.blocked = set()
    assert world.directory.create_direct("c", "b")[1] is True


def test_chats_are_listed_page_by_page_with_their_newest_message(world: World) -> None:
    """Each with the other member, its last number and the cursor of the next page."""
    written = world.messages.write("dm:a:c", "c", "old", "new")
    first = world.directory.list("a", UNSET, 1)
    assert isinstance(first.next, str)
    second = world.directory.list("a", first.next, 1)
    assert second.next is UNSET
    (chat_with_b,), (chat_with_c,) = first.chats, second.chats
    assert (chat_with_b.last_seq, chat_with_b.last_message) == (0, UNSET)
    assert (chat_with_c.last_seq, chat_with_c.last_message) == (2, written[1])
    assert (chat_with_c.kind, chat_with_c.read_seq, chat_with_c.unread) == ("direct", 0, 2)
    assert chat_with_c.other_member == User("c", "carol")


def test_chat_with_a_deleted_user_is_still_listed(world: World) -> None:
    """Without a name."""
    del world.users.users["b"]
    assert world.directory.get("a", "dm:a:b").other_member == User("b", "")


def test_profile_comes_into_being_at_the_first_call_and_costs_one_write(world: World) -> None:
    """Once an environment and minute; a display name chosen in between stays."""
    users = FakeUsers()
    identity = Identity("d", "Dora", 0)
    directory = UserDirectory(users, world.clock)
    directory.greet(identity)
    UpdateProfile(users, NO_AVATARS)("d", {"displayName": "D."})
    directory.greet(identity)
    UserDirectory(users, world.clock).greet(identity)
    assert users.writes == 2
    world.clock.time += GREETING_LIFETIME
    directory.greet(identity)
    assert users.writes == 3
    assert directory.get("d") == User("d", "Dora", "D.")


def test_deleted_user_is_refused_by_every_environment_within_a_minute(world: World) -> None:
    """The token outlives the account; no profile comes into being again."""
    users = FakeUsers()
    identity = Identity("d", "Dora", 0)
    directory = UserDirectory(users, world.clock)
    directory.greet(identity)
    users.delete("d", "now")
    with pytest.raises(ChatError, match=r"^signed_out"):
        UserDirectory(users, world.clock).greet(identity)
    directory.greet(identity)
    world.clock.time += GREETING_LIFETIME
    for _ in range(2):
        with pytest.raises(ChatError, match=r"^signed_out"):
            directory.greet(identity)
    assert users.get("d") is None


def test_deleted_profile_is_unknown(world: World) -> None:
    """Neither read nor written."""
    directory = UserDirectory(world.users, world.clock)
    with pytest.raises(ChatError, match=r"^unknown_user"):
        directory.get("x")
    with pytest.raises(ChatError, match=r"^unknown_user"):
        UpdateProfile(world.users, NO_AVATARS)("x", {"displayName": "X"})


def test_users_are_found_by_how_their_name_begins(world: World) -> None:
    """In any case."""
    found = UserSearch(world.users, FakeBlocks())("c", "aL", 10)
    assert [user.user_id for user in found.users] == ["a"]
    assert not found.has_more


def test_ticket_is_spent_by_one_connection_and_only_its_digest_is_kept(world: World) -> None:
    """256 random bits; the table cannot open a connection."""
    tickets, identity = FakeTickets(), Identity("a", "alice", int(START) + 900)
    office = TicketOffice(tickets, world.clock)
    ticket = office.issue(identity)
    assert ticket.expires_at == "2027-01-15T08:01:00.000Z"
    assert len(ticket.ticket) == 43
    assert list(tickets.rows) == [hashlib.sha256(ticket.ticket.encode()).hexdigest()]
    assert [office.spend(ticket.ticket, id_) for id_ in ("c1", "c2", "c1")] == [identity, None, identity]


@pytest.mark.parametrize(
    ("token_left", "waited", "good"), [(900, 59, True), (900, 60, False), (30, 30, False)]
)
def test_ticket_ends_after_a_minute_or_with_its_token(
    world: World, token_left: int, waited: int, good: bool
) -> None:
    """The table's own expiry lags, so it is not relied on."""
    office = TicketOffice(FakeTickets(), world.clock)
    ticket = office.issue(Identity("a", "alice", int(START) + token_left))
    world.clock.time += waited
    assert (office.spend(ticket.ticket, "c1") is not None) is good


def test_connection_ends_with_its_token_or_its_lifetime(world: World) -> None:
    """Whichever is first."""
    connections = FakeConnections()
    registry = ConnectionRegistry(connections, world.clock)
    for id_, expires_at in (("1", int(START) + 600), ("2", int(START) + 86_400)):
        registry.open(
            Connection("a", id_, "http://gateway.test/v1", "us-east-1", int(START) * 1_000, expires_at)
        )
    assert [c.expires_at - int(START) for c in connections.connections] == [600, 2 * 3_600 + 300]


def test_connections_that_are_over_are_forgotten_when_another_opens(world: World) -> None:
    """$disconnect is best effort, and an item must not grow for ever."""
    connections = FakeConnections(
        connection("a", "old", START), connection("a", "live"), connection("b", "other", START)
    )
    ConnectionRegistry(connections, world.clock).open(connection("a", "new"))
    assert connections.ids() == ["live", "other", "new"]
    ConnectionRegistry(connections, world.clock).close("a", "live")
    assert connections.ids() == ["other", "new"]
