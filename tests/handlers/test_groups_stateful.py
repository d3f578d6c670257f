"""Groups run by several at once: invocations interleaved request by request, some of whose answers get lost.

Whatever the order, every change was its maker's to make when it was made, and the log tells who is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import UNSET

from chat import rights
from chat.domain import GROUP, Role, User
from chat.errors import ChatError
from chat.roster import Place, Roster
from chat.service.changes import ChangeLog
from chat.service.chats import ChatDirectory
from chat.service.deliver import Deliver
from chat.service.groups import Leave, Rename
from chat.service.members import RemoveMember, SetMember
from chat.service.membership import KnownChats, Membership
from chat.service.post import Post
from chat.service.rosters import RosterLog
from tests.handlers.support.attempts import Attempt, Fate
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChannels, FakeChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeUsers

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from chat.domain import Change

CHAT = "g:01JD5ZCV7M3V8Q6N1T9RZK4W2E"
LIMIT = 4
users = st.sampled_from("aabbcde")
roles = st.sampled_from(get_args(Role))


class Paused:
    """A port each request of which waits until its invocation is told to go on."""

    def __init__(self, port: object, attempt: Attempt[object]) -> None:
        self._port = port
        self._attempt = attempt

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *values: self._attempt.request(lambda: method(*values))


class Services:
    """The services of one invocation, over tables that it shares with the others."""

    def __init__(self, tables: Groups, attempt: Attempt[object]) -> None:
        chats: Any = Paused(tables.chats, attempt)
        changes: Any = Paused(tables, attempt)
        channels, clock = FakeChannels(tables.chats), FakeClock()
        membership = Membership(chats, KnownChats())
        connections = FakeConnections()
        deliver = Deliver(connections, Post(connections, FakePush(), clock), FakeQueue())
        log = RosterLog(membership, chats, ChangeLog(changes, clock), deliver, clock)
        directory = ChatDirectory(chats, tables.messages, changes, tables.users, membership, clock)
        self.rename = Rename(log, directory)
        self.leave = Leave(log, membership, chats, channels, deliver)
        self.set = SetMember(log, chats, tables.messages, tables.users, directory, deliver)
        self.remove = RemoveMember(log, membership, channels, deliver)


class Groups(RuleBasedStateMachine):
    """A group of a, who owns it, b, who administers it, and c; the others come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.changes = FakeChanges(self.messages, self.chats)
        self.users = FakeUsers(*(User(user_id, user_id) for user_id in "abcde"))
        self.attempts: list[Attempt[object]] = []
        self.refused_to_leave: list[str] = []
        self.first = self.chats.create(
            Roster(
                chat_id=CHAT,
                kind=GROUP,
                name="0",
                history="start",
                created_by="a",
                created_at="t",
                places={
                    "a": Place("owner", 0, 0),
                    "b": Place("admin", 0, 0),
                    "c": Place("member", 0, 0),
                },
            )
        )

    def tail(self, chat_id: str) -> int:
        """Of the log."""
        return self.changes.tail(chat_id)

    def put(self, chat_id: str, change: Change, effects: Any) -> bool:
        """Write, and hold what was written against what its maker was allowed just then."""
        before = dict(self.chats.rosters[CHAT].places)
        written = self.changes.put(chat_id, change, effects)
        if written:
            require_permitted(before, change)
        return written

    def begin(self, work: Callable[[Services], object]) -> None:
        """Start an invocation, unless four are under way."""
        if len(self.running()) < LIMIT:
            self.attempts.append(Attempt(lambda attempt: work(Services(self, attempt))))

    def running(self) -> list[Attempt[object]]:
        """The invocations that have a request to make."""
        return [attempt for attempt in self.attempts if not attempt.ended]

    @rule(by=users, member=users, role=roles | st.just(UNSET))
    def set_member(self, by: str, member: str, role: Any) -> None:
        """Somebody adds somebody, or gives them a role."""
        self.begin(lambda services: services.set(by, CHAT, member, role))

    @rule(by=users, member=users)
    def remove(self, by: str, member: str) -> None:
        """Somebody removes somebody else."""
        if by != member:
            self.begin(lambda services: services.remove(by, CHAT, member))

    @rule(by=users)
    def leave(self, by: str) -> None:
        """Somebody leaves; who was removed meanwhile, or left from another device, has left."""
        self.begin(lambda services: self.left(services, by))

    def left(self, services: Services, by: str) -> object:
        """Leave, and note a refusal that must not be."""
        try:
            return services.leave(by, CHAT)
        except ChatError as refused:
            self.refused_to_leave.append(refused.code)
            raise

    @rule(by=users, name=st.sampled_from("012"))
    def rename(self, by: str, name: str) -> None:
        """Somebody gives it a name."""
        self.begin(lambda services: services.rename(by, CHAT, name))

    @precondition(lambda self: self.running())
    @rule(
        data=st.data(),
        requests=st.integers(1, 8),
        fate=st.sampled_from([Fate.DONE] * 6 + [Fate.LOST, Fate.UNANSWERED]),
    )
    def step(self, data: st.DataObject, requests: int, fate: Fate) -> None:
        """One invocation makes its next requests, the last of which may fail."""
        attempt = data.draw(st.sampled_from(self.running()))
        for number in range(requests):
            if not attempt.ended:
                attempt.step(fate if number == requests - 1 else Fate.DONE)

    @invariant()
    def roster_is_what_the_members_own_items_say(self) -> None:
        """Nobody twice, nobody left over."""
        assert sorted(self.chats.members[CHAT]) == sorted(self.chats.rosters[CHAT].places)

    @invariant()
    def group_with_members_has_an_owner_and_is_not_too_large(self) -> None:
        """Whoever left, at whatever moment."""
        roster = self.chats.rosters[CHAT]
        assert roster.has_owner() or not roster.places
        assert len(roster.places) <= LIMIT

    @invariant()
    def log_tells_the_whole_story(self) -> None:
        """Who held the first roster and every change since knows the name and the roles."""
        log = self.changes.logs.get(CHAT, [])
        assert [change.number for change in log] == list(range(1, len(log) + 1))
        name = self.first.name
        told = {user_id: place.role for user_id, place in self.first.places.items()}
        for change in log:
            name = name if change.name is UNSET else change.name
            for user_id in () if change.removed is UNSET else change.removed:
                del told[user_id]
            told |= {} if change.members is UNSET else {m.user_id: m.role for m in change.members}
        roster = self.chats.rosters[CHAT]
        assert (name, told) == (roster.name, {u: place.role for u, place in roster.places.items()})

    def teardown(self) -> None:
        """Let every invocation end: each does, after a bounded number of requests."""
        for _ in range(1_000):
            for attempt in self.running():
                attempt.step(Fate.DONE)
        assert not self.running()
        assert set(self.refused_to_leave) <= {"contention"}


def require_permitted(before: dict[str, Place], change: Change) -> None:
    """Hold a change against the roles at the moment it was written."""
    mine = before[change.by].role
    removed = () if change.removed is UNSET else change.removed
    for user_id in removed:
        assert user_id == change.by or rights.may_remove(mine, before[user_id].role)
    for member in () if change.members is UNSET else change.members:
        if removed:
            assert member.role == "owner"  # inherited
        elif member.user_id not in before:
            assert rights.may_add(mine, member.role)
        elif member.user_id == change.by:
            assert rights.may_step_down(mine, member.role)
        else:
            assert rights.may_give_role(mine, before[member.user_id].role)
    if change.name is not UNSET:
        assert rights.may_administer(mine)


def test_groups_run_by_several_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis looks for an order that breaks a promise."""
    monkeypatch.setattr("chat.service.members.GROUP_LIMIT", LIMIT)
    machine: Any = Groups.TestCase
    machine.settings = settings(max_examples=50, stateful_step_count=50)
    machine().runTest()
