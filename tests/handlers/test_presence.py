"""Presence and typing: told to members of the chat only, from connections that are not over."""

from __future__ import annotations

import json

import pytest
from msgspec import UNSET

from chat.domain import TYPING_LIFETIME, Presence, timestamp
from chat.errors import ChatError
from chat.service.deliver import Deliver
from chat.service.membership import KnownChats, Membership
from chat.service.post import Post
from chat.service.presence import PresenceBoard
from chat.service.typing import RelayTyping
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeBlocks, FakeLastSeen

CHAT = "dm:a:b"


class World:
    """A chat of a and b, of whom b has a connection."""

    def __init__(self) -> None:
        self.chats = FakeChats(FakeMessages())
        self.chats.members[CHAT] = ["a", "b"]
        self.blocks = FakeBlocks()
        self.clock = FakeClock()
        self.connections = FakeConnections(connection("b", "b1"))
        self.last_seen = FakeLastSeen()
        self.push = FakePush()
        membership = Membership(self.chats, KnownChats(), self.clock.now)
        self.board = PresenceBoard(membership, self.blocks, self.connections, self.last_seen, self.clock)
        post = Post(self.connections, self.push, self.clock)
        self.relay = RelayTyping(membership, Deliver(self.connections, post, FakeQueue()), self.clock)


@pytest.fixture
def world() -> World:
    """A world of its own."""
    return World()


def test_member_sees_who_is_online_with_one_read(world: World) -> None:
    """Nobody asks when they were last seen."""
    body = world.board("a", CHAT)
    assert (body.chat_id, body.users) == (CHAT, [Presence("b", True, UNSET)])
    assert (world.connections.reads, world.last_seen.reads) == (1, 0)


def test_connection_that_is_over_does_not_count(world: World) -> None:
    """Its $disconnect may never have come: from its end on, its user is away, last seen when they left."""
    world.last_seen.leave("b", "2026-11-21T08:00:00.000Z")
    world.clock.time = world.connections.connections[0].expires_at - 0.001
    assert world.board("a", CHAT).users == [Presence("b", True, UNSET)]
    world.clock.time = world.connections.connections[0].expires_at
    assert world.board("a", CHAT).users == [Presence("b", False, "2026-11-21T08:00:00.000Z")]


def test_who_never_was_there_is_away_without_a_time(world: World) -> None:
    """No time is made up."""
    assert world.board("b", CHAT).users == [Presence("a", False, UNSET)]


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a")])
def test_who_has_blocked_or_was_blocked_is_never_there(world: World, pair: tuple[str, str]) -> None:
    """Without a time, as someone who never was; and what they write is not shown either."""
    world.last_seen.leave("b", "2026-11-21T08:00:00.000Z")
    world.blocks.add(*pair, "now")
    world.chats.blocked.add(CHAT)
    assert world.board("a", CHAT).users == [Presence("b", False, UNSET)]
    with pytest.raises(ChatError, match=r"^blocked"):
        world.relay("a", CHAT)
    assert world.push.attempts == 0


@pytest.mark.parametrize("chat_id", [CHAT, "dm:a:c", "nonsense"])
def test_stranger_learns_of_nobody(world: World, chat_id: str) -> None:
    """Neither who is there nor that there is a chat; and nobody sees them write."""
    for ask in (world.board, world.relay):
        with pytest.raises(ChatError, match=r"^unknown_chat"):
            ask("c", chat_id)
    assert world.connections.reads == 0
    assert world.push.attempts == 0


def test_typing_reaches_the_others_alone_and_says_until_when(world: World) -> None:
    """Not the writer's own devices; it ends by itself, as nothing tells of its end."""
    world.connections.connections += [connection("a", "a1"), connection("c", "c1")]
    answer = world.relay("a", CHAT)
    until = timestamp(START + TYPING_LIFETIME)
    assert (answer.chat_id, answer.user_id, answer.expires_at) == (CHAT, "a", until)
    assert {
        device: [json.loads(frame) for frame in frames] for device, frames in world.push.frames.items()
    } == {"b1": [{"type": "typing", "chatId": CHAT, "userId": "a", "expiresAt": until}]}
