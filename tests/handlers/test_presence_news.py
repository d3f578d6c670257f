"""Coming and going: noticed with the first and the last connection, told to whom it may concern, once."""

from __future__ import annotations

import json
import logging  # noqa: TC003 - a fixture's type
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.codec import decode
from chat.domain import PAGE_LIMIT, timestamp
from chat.protocol.fan_out import FanOutTask, TellPresence
from chat.service.connections import ConnectionRegistry
from chat.service.post import Post
from chat.service.tell_presence import PresenceTeller
from chat.service.watched_connections import RETURN_TIME, WatchedConnections
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeBlocks, FakeLastSeen


class World:
    """A user a with the direct chats of b and c and a group with d; the others are connected."""

    def __init__(self) -> None:
        self.chats = FakeChats(FakeMessages())
        self.chats.members = {chat_id: ["a", "d"] for chat_id in ("c:1", "g:1")}
        self.chats.members |= {"dm:a:b": ["a", "b"], "dm:a:c": ["a", "c"]}
        self.blocks = FakeBlocks()
        self.clock = FakeClock()
        self.connections = FakeConnections(*(connection(user, f"{user}1") for user in "bcd"))
        self.queue = FakeQueue()
        self.push = FakePush()
        self.last_seen = FakeLastSeen()
        self.watched = WatchedConnections(self.connections, self.queue, self.clock)
        self.registry = ConnectionRegistry(self.watched, self.clock)
        self.tell = PresenceTeller(
            self.chats,
            self.blocks,
            self.connections,
            self.last_seen,
            Post(self.watched, self.push, self.clock),
            self.queue,
            self.clock,
        )

    def open(self, id_: str) -> None:
        """Open a connection of a."""
        self.registry.open(connection("a", id_, self.clock.time + 3_600, connected_at=self.clock.time))

    def work_off(self, seconds: float = RETURN_TIME) -> None:
        """Let time pass, and carry out all that was left to the queue by then."""
        self.clock.time += seconds
        while self.queue.messages:
            task: FanOutTask = decode(self.queue.messages.pop(0), FanOutTask)  # type: ignore[arg-type]
            assert isinstance(task, TellPresence)
            self.tell(task)
        self.queue.delays.clear()

    def told(self, device: str) -> list[tuple[str, bool]]:
        """What a device was told: in which chat, and whether a is online there."""
        frames = [json.loads(frame) for frame in self.push.frames.get(device, ())]
        assert all(frame["type"] == "presence" for frame in frames)
        assert all(frame["users"][0]["userId"] == "a" for frame in frames)
        return [(frame["chatId"], frame["users"][0]["online"]) for frame in frames]


@pytest.fixture
def world() -> World:
    """A world of its own."""
    return World()


def test_first_connection_and_last_are_told_to_direct_chats_alone(world: World) -> None:
    """Each in the chat that is shared with them; not what is in between, and no group."""
    world.open("a1")
    world.work_off()
    world.open("a2")
    world.registry.close("a", "a1")
    world.work_off()
    assert (world.told("b1"), world.told("c1")) == ([("dm:a:b", True)], [("dm:a:c", True)])
    left_at = timestamp(world.clock.time)
    world.registry.close("a", "a2")
    world.work_off()
    assert world.told("b1") == [("dm:a:b", True), ("dm:a:b", False)]
    assert world.told("d1") == []
    assert json.loads(world.push.frames["b1"][1])["users"][0]["lastSeen"] == left_at
    assert world.last_seen.seen == {"a": left_at}


def test_return_within_seconds_is_told_to_nobody(world: World) -> None:
    """A phone that changes networks is not gone: what says so waits, and finds it back."""
    world.open("a1")
    world.work_off()
    world.registry.close("a", "a1")
    assert world.queue.delays == [RETURN_TIME]
    world.open("a2")
    world.work_off()
    assert world.told("b1") == [("dm:a:b", True)]
    assert world.last_seen.seen == {}


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a")])
def test_who_has_blocked_or_was_blocked_is_told_nothing(world: World, pair: tuple[str, str]) -> None:
    """Either way."""
    world.blocks.add(*pair, "now")
    world.open("a1")
    world.work_off()
    assert (world.told("b1"), world.told("c1")) == ([], [("dm:a:c", True)])


def test_task_that_comes_twice_is_told_once(world: World) -> None:
    """SQS delivers at least once."""
    world.open("a1")
    world.queue.messages *= 2
    world.work_off()
    assert world.told("b1") == [("dm:a:b", True)]


def test_connection_that_was_over_before_ended_then(world: World) -> None:
    """Found gone by a post much later, it says when it ended and not when it was found."""
    world.open("a1")
    world.work_off()
    (mine,) = [c for c in world.connections.connections if c.id == "a1"]
    world.clock.time = mine.expires_at + 1_000.0
    Post(world.watched, world.push, world.clock)([mine], [b"{}"])
    world.work_off()
    assert world.last_seen.seen["a"] == timestamp(mine.expires_at)


def test_all_of_many_direct_chats_are_told_slice_by_slice(world: World) -> None:
    """A task a hundred chats; each slice leaves the next to the queue."""
    others = [f"u{number:03}" for number in range(2 * PAGE_LIMIT + 50)]
    for other in others:
        world.chats.members[f"dm:a:{other}"] = ["a", other]
        world.connections.connections.append(connection(other, f"{other}-1"))
    world.open("a1")
    world.work_off()
    assert [world.told(f"{other}-1") for other in others] == [[(f"dm:a:{other}", True)] for other in others]


def test_queue_that_fails_keeps_nobody_out(world: World, chat_log: list[logging.LogRecord]) -> None:
    """Nor in: a connection is registered and forgotten all the same."""
    world.queue.fault = RuntimeError("no queue")
    world.open("a1")
    world.registry.close("a", "a1")
    assert world.connections.ids() == ["b1", "c1", "d1"]
    assert [record.message for record in chat_log] == ["presence_untold"] * 2


@given(st.lists(st.sampled_from(["open", "close", "wait", "return"]), max_size=12))
def test_what_was_told_last_is_so_whatever_came_and_went(steps: list[str]) -> None:
    """Devices open, close and come back in any order: when all is quiet, others know what is true."""
    world = World()
    opened: list[str] = []
    for number, step in enumerate(steps):
        if step == "open":
            opened.append(f"a{number}")
            world.open(opened[-1])
        elif step == "close" and opened:
            world.registry.close("a", opened.pop())
        elif step == "return":
            world.clock.time += RETURN_TIME / 2
        else:
            world.work_off()
    world.work_off()
    told = [online for _, online in world.told("b1")]
    assert (told[-1] if told else False) is bool(opened)
    assert all(one != next_ for one, next_ in pairwise(told))
