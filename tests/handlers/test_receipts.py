"""Receipts: watermarks that only go forward, told to whom they concern; exact counts of what is unread."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import ChatError
from chat.ports.chats import Watermarks
from chat.service.deliver import Deliver
from chat.service.membership import KnownChats, Membership
from chat.service.post import Post
from chat.service.receipts import MarkReceipts
from chat.service.unread import UnreadCounts
from tests.handlers.support.fakes.chats import FakeChats, FakeReceipts
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue

CHAT = "dm:a:b"


class World:
    """Two members, three devices and a chat of five messages, seen from a new execution environment."""

    def __init__(self) -> None:
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.chats.members[CHAT] = ["a", "b"]
        self.messages.write(CHAT, "a", *"12345")
        self.receipts = FakeReceipts(self.chats)
        self.push = FakePush()
        connections = FakeConnections(*(connection(id_[0], id_) for id_ in ("a1", "a2", "b1", "c1")))
        known = KnownChats()
        self.mark = MarkReceipts(
            Membership(self.chats, known),
            known,
            self.messages,
            self.receipts,
            Deliver(connections, Post(connections, self.push, FakeClock()), FakeQueue()),
        )

    def pushed(self) -> dict[str, list[tuple[str, int, int]]]:
        """Whose receipts each device was told: who, delivered, read."""
        return {
            device: [
                (receipt["userId"], receipt["deliveredSeq"], receipt["readSeq"])
                for receipt in map(json.loads, frames)
            ]
            for device, frames in self.push.frames.items()
        }


@pytest.fixture
def world() -> World:
    """A world of its own."""
    return World()


def test_receipt_reaches_the_others_and_the_users_other_devices(world: World) -> None:
    """But not the device that marked, which is answered."""
    marked = world.mark("a", CHAT, {"read": 3}, "a1")
    assert (marked.user_id, marked.delivered_seq, marked.read_seq) == ("a", 3, 3)
    assert world.pushed() == {"a2": [("a", 3, 3)], "b1": [("a", 3, 3)]}


def test_receipt_reaches_the_users_own_devices_alone_while_one_blocks_the_other(world: World) -> None:
    """Marks move on all the same, on both sides, and nobody is refused."""
    world.chats.blocked = {CHAT}
    assert world.mark("a", CHAT, {"read": 3}, "a1").read_seq == 3
    assert world.mark("b", CHAT, {"read": 2}).read_seq == 2
    assert world.pushed() == {"a2": [("a", 3, 3)], "b1": [("b", 2, 2)]}


def test_receipt_in_a_chat_whose_other_member_is_gone_is_kept(world: World) -> None:
    """As when the other has deleted their account."""
    world.chats.members[CHAT] = ["a"]
    assert world.mark("a", CHAT, {"read": 3}, "a1").read_seq == 3
    assert world.pushed() == {"a2": [("a", 3, 3)]}


def test_mark_that_would_go_back_changes_nothing_and_tells_nobody(world: World) -> None:
    """It is answered with what stands, as if it had moved it."""
    world.mark("a", CHAT, {"read": 4}, "a1")
    for marks in ({"read": 4}, {"read": 2}, {"delivered": 4}, {"delivered": 1}, {"read": 0}):
        answer = world.mark("a", CHAT, marks, "a1")  # type: ignore[arg-type]
        assert (answer.delivered_seq, answer.read_seq) == (4, 4)
    assert world.receipts.writes == 1
    assert len(world.pushed()["b1"]) == 1


def test_both_marks_at_once_are_told_once(world: World) -> None:
    """One frame says both."""
    answer = world.mark("a", CHAT, {"delivered": 5, "read": 2})
    assert (answer.delivered_seq, answer.read_seq) == (5, 2)
    assert world.pushed()["b1"] == [("a", 5, 2)]


def test_mark_past_the_last_message_is_refused(world: World) -> None:
    """Nobody has read what is not written."""
    with pytest.raises(ChatError, match=r"^unknown_message"):
        world.mark("a", CHAT, {"read": 6})
    assert world.receipts.writes == 0


@pytest.mark.parametrize("seq", [0, 3, 6])
@pytest.mark.parametrize("chat_id", [CHAT, "dm:a:d", "nonsense"])
def test_stranger_marks_nothing_and_learns_nothing(world: World, chat_id: str, seq: int) -> None:
    """Whatever the number: the same error as for a chat that does not exist, and nobody is told."""
    with pytest.raises(ChatError, match=r"^unknown_chat"):
        world.mark("c", chat_id, {"read": seq})
    assert world.receipts.writes == 0
    assert world.pushed() == {}


def test_how_far_a_chat_goes_is_read_once(world: World) -> None:
    """An environment remembers how far it has seen a chat."""
    world.mark("a", CHAT, {"delivered": 5})
    world.mark("a", CHAT, {"read": 5})
    world.mark("b", CHAT, {"read": 4})
    assert world.messages.queries == 1


@given(st.lists(st.tuples(st.sampled_from(["delivered", "read"]), st.integers(0, 5)), min_size=1))
def test_watermarks_are_the_highest_marks_in_any_order(steps: list[tuple[str, int]]) -> None:
    """Late, repeated and reordered receipts end where ordered ones do; what is read is delivered."""
    world = World()
    for mark, seq in steps:
        answer = world.mark("a", CHAT, {mark: seq})  # type: ignore[dict-item]
    read = max((seq for mark, seq in steps if mark == "read"), default=0)
    assert (answer.delivered_seq, answer.read_seq) == (max(seq for _, seq in steps), read)
    told = world.pushed().get("b1", [])
    assert told == sorted(set(told))


def test_unread_counts_every_chat_exactly(world: World) -> None:
    """All pages of the user's chats; what was written before one joined does not count."""
    others = [f"dm:a:u{number:03}" for number in range(150)]
    for chat_id in others:
        world.chats.members[chat_id] = ["a", chat_id[-4:]]
    world.messages.write(others[0], "a", *"123")
    world.chats.marks[others[0], "a"] = Watermarks(2, 1, 0)
    world.chats.marks[CHAT, "a"] = Watermarks(0, 0, 4)
    counts = UnreadCounts(world.chats, world.messages)("a")
    found = {count.chat_id: (count.last_seq, count.read_seq, count.unread) for count in counts.chats}
    assert len(found) == 151
    assert found[CHAT] == (5, 0, 1)
    assert found[others[0]] == (3, 1, 2)
    assert counts.total == 3


def test_unread_of_who_has_no_chats_is_nothing(world: World) -> None:
    """An empty list and 0."""
    counts = UnreadCounts(world.chats, world.messages)("z")
    assert (counts.total, list(counts.chats)) == (0, [])
