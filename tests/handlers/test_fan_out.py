"""The fan-out function: everyone is posted to, whatever fails on the way, and no message is too large."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.codec import encode
from chat.logging import request_id
from chat.protocol.fan_out import (
    SLICE,
    TASK_BYTES,
    FanOutTask,
    Notice,
    Notify,
    PostToMembers,
    PostToUsers,
    TellPresence,
    with_frames,
)
from chat.queue import batches
from chat.service.fan_out import RETRY_DELAY, FanOut, UnreachedError
from chat.service.post import Post
from tests.handlers.support.fakes.chats import FakeMembers
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.queue import FakeQueue

FRAMES = [b'{"n":1}', b'{"n":2}']
RAW = [msgspec.Raw(frame) for frame in FRAMES]
TASKS: msgspec.json.Decoder[FanOutTask] = msgspec.json.Decoder(FanOutTask)


@dataclass
class World:
    """A channel's members, each connected once, and a queue that is worked off."""

    user_ids: list[str]
    push: FakePush = field(default_factory=FakePush)
    queue: FakeQueue = field(default_factory=FakeQueue)

    def __post_init__(self) -> None:
        self.connections = FakeConnections(*(connection(user, f"c-{user}") for user in self.user_ids))
        post = Post(self.connections, self.push, FakeClock())
        self.told: list[TellPresence] = []
        members = FakeMembers(*self.user_ids)
        self.notified: list[Notify] = []
        self.fan_out = FanOut(
            members, self.connections, post, self.queue, self.told.append, self.notified.append
        )

    def work_off(self) -> int:
        """Carry out what the queue holds until it holds nothing; how many tasks that were."""
        done = 0
        while self.queue.messages:
            self.fan_out(TASKS.decode(self.queue.messages.pop(0)))
            done += 1
        return done


def users(number: int) -> list[str]:
    """So many user ids, in their order."""
    return [f"u{index:04}" for index in range(number)]


@pytest.mark.parametrize(("members", "slices"), [(0, 1), (1, 1), (100, 1), (101, 2), (1_000, 10)])
def test_channel_is_walked_slice_by_slice_and_each_member_is_posted_to_once(
    members: int, slices: int
) -> None:
    """A task a hundred members, each enqueuing the next."""
    world = World(users(members))
    world.queue.send(encode(PostToMembers(chat_id="c:1", frames=RAW)))
    assert world.work_off() == slices
    assert world.push.frames == {f"c-{user}": FRAMES for user in world.user_ids}


def test_next_slice_is_enqueued_before_the_posts() -> None:
    """So the slices are posted to side by side, and the last does not wait for all others."""
    world = World(users(150))
    queued_at_first_post: list[int] = []

    class Watching(FakePush):
        def post(self, connection: object, frame: bytes) -> bool:
            queued_at_first_post.append(len(world.queue.messages))
            return bool(connection and frame)

    post = Post(world.connections, Watching(), FakeClock())
    members = FakeMembers(*world.user_ids)
    fan_out = FanOut(members, world.connections, post, world.queue, world.told.append, world.notified.append)
    fan_out(PostToMembers(chat_id="c:1", frames=RAW[:1]))
    assert set(queued_at_first_post) == {1}
    assert TASKS.decode(world.queue.messages[0]) == PostToMembers(
        chat_id="c:1", frames=RAW[:1], after="u0099"
    )


def test_connection_that_a_frame_came_by_gets_none() -> None:
    """Its answer is the ack."""
    world = World(users(2))
    world.fan_out(PostToUsers(user_ids=world.user_ids, frames=RAW, but="c-u0000"))
    assert world.push.frames == {"c-u0001": FRAMES}


def test_those_not_reached_go_on_by_themselves_after_a_while() -> None:
    """The others get no repeat."""
    world = World(users(3))
    world.push.failing.add("c-u0001")
    world.fan_out(PostToMembers(chat_id="c:1", frames=RAW))
    (message,) = world.queue.messages
    assert TASKS.decode(message) == PostToUsers(user_ids=["u0001"], frames=RAW)
    assert world.queue.delays == [RETRY_DELAY]
    world.push.failing.clear()
    world.work_off()
    assert world.push.frames == {f"c-{user}": FRAMES for user in world.user_ids}


def test_task_of_whom_nobody_is_reached_fails() -> None:
    """So that its queue counts the attempts, and keeps it for an operator in the end."""
    world = World(users(1))
    world.push.failing.add("c-u0000")
    with pytest.raises(UnreachedError):
        world.fan_out(PostToUsers(user_ids=["u0000"], frames=RAW))
    assert world.queue.messages == []


def test_batch_names_what_failed_and_nothing_else() -> None:
    """One bad message does not bring the others back."""
    world = World(users(2))
    world.push.failing.add("c-u0000")
    bodies = {
        "m1": encode(PostToUsers(user_ids=["u0000"], frames=RAW)).decode(),
        "m2": encode(PostToUsers(user_ids=["u0001"], frames=RAW)).decode(),
        "m3": '{"task":"unheard of"}',
    }
    event = {"Records": [{"messageId": id_, "body": body} for id_, body in bodies.items()]}
    answer = batches("fanOut", FanOutTask, world.fan_out)(event, None)  # type: ignore[arg-type]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m3"}]}
    assert world.push.frames == {"c-u0001": FRAMES}


def test_task_is_logged_with_the_request_that_it_comes_from_and_so_is_what_it_enqueues(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A message is followed by one id, from its send to each slice; other tasks have their own alone."""
    enqueued_for = []

    def work(_task: TellPresence) -> None:
        enqueued_for.append(request_id())

    body = encode(TellPresence(user_id="u0")).decode()
    origin = {"requestId": {"stringValue": "r1", "stringListValues": [], "dataType": "String"}}
    records = [
        {"messageId": "m1", "body": body, "messageAttributes": origin},
        {"messageId": "m2", "body": body, "messageAttributes": {}},
    ]
    batches("fanOut", TellPresence, work)({"Records": records}, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["queueMessageId"], line.get("requestId")) for line in lines] == [("m1", "r1"), ("m2", None)]
    assert enqueued_for == ["r1", ""]


@given(st.lists(st.integers(min_value=1, max_value=30_000), max_size=25), st.integers(1, SLICE))
def test_frames_stay_whole_and_in_order_and_no_message_exceeds_its_bound(
    sizes: list[int], recipients: int
) -> None:
    """Whatever 25 messages weigh, and whoever they are for."""
    frames = [b'"' + b"x" * size + b'"' for size in sizes]
    post = PostToUsers(user_ids=["u" * 64] * recipients, but="c")
    tasks = list(with_frames(post, frames))
    assert [bytes(frame) for task in tasks for frame in task.frames] == frames
    assert all(len(encode(task)) <= TASK_BYTES for task in tasks)
    weights = [sum(len(bytes(frame)) for frame in task.frames) for task in tasks]
    assert all(one + other > TASK_BYTES / 2 for one, other in pairwise(weights))


def test_presence_is_left_to_who_tells_it() -> None:
    """It posts nothing itself."""
    world = World(users(1))
    task = TellPresence(user_id="u0000")
    world.queue.send(encode(task))
    assert world.work_off() == 1
    assert world.told == [task]
    assert world.push.attempts == 0


def test_those_of_a_slice_who_are_away_are_notified_and_the_sender_is_not() -> None:
    """By a task of its own: what fails of it repeats no post."""
    world = World(users(4))
    world.connections.connections = [connection("u0001", "c-u0001"), connection("u0002", "c-u0002")]
    world.push.gone.add("c-u0002")
    notice = Notice("c:1", 7, "u0000")
    world.queue.send(encode(PostToMembers(chat_id="c:1", frames=RAW, notice=notice)))
    world.work_off()
    assert world.notified == [Notify(user_ids=["u0002", "u0003"], notice=notice)]


def test_who_is_reached_later_is_not_notified_now() -> None:
    """The notice goes on with the frames."""
    world = World(users(2))
    world.push.failing.add("c-u0001")
    notice = Notice("c:1", 7, "u0000")
    world.fan_out(PostToMembers(chat_id="c:1", frames=RAW, notice=notice))
    (message,) = world.queue.messages
    assert TASKS.decode(message) == PostToUsers(user_ids=["u0001"], frames=RAW, notice=notice)
