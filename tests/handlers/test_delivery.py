"""Delivery: every other live device of every member, in order, whatever becomes of one of them."""

from __future__ import annotations

import logging  # noqa: TC003 - the fixture's type
from typing import NoReturn

import msgspec

from chat.domain import CONNECT_TIMEOUT
from chat.protocol.fan_out import PostToMembers, PostToUsers
from chat.service.deliver import DIRECT_LIMIT, Deliver
from chat.service.post import Post
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.queue import FakeQueue

FRAMES = [b"1", b"2", b"3"]
CHANNEL = "c:01JD5ZCV7M3V8Q6N1T9RZK4W2E"


def service(connections: FakeConnections, push: FakePush, queue: FakeQueue) -> Deliver:
    """The service over fakes."""
    return Deliver(connections, Post(connections, push, FakeClock()), queue)


def deliver(connections: FakeConnections, push: FakePush, but: str | None = "a1") -> list[bytes]:
    """Deliver the frames to users a and b; what was left to the queue."""
    queue = FakeQueue()
    service(connections, push, queue)(["a", "b"], FRAMES, but)
    return queue.messages


def users_of(message: bytes) -> PostToUsers:
    """Read a message as a task that names users."""
    return msgspec.json.decode(message, type=PostToUsers)


def test_delivery_reaches_every_device_but_the_senders_own_connection() -> None:
    """The sender's other devices too; others' connections never."""
    connections = FakeConnections(*(connection(id_[0], id_) for id_ in ("a1", "a2", "b1", "b2", "c1")))
    push = FakePush()
    deliver(connections, push)
    assert push.frames == {"a2": FRAMES, "b1": FRAMES, "b2": FRAMES}
    assert connections.reads == 1


def test_delivery_without_a_connection_of_its_own_reaches_all_of_the_senders_devices() -> None:
    """A send over HTTP has no socket that is acked."""
    push = FakePush()
    deliver(FakeConnections(connection("a", "a1")), push, but=None)
    assert push.frames == {"a1": FRAMES}


def test_gone_connection_is_forgotten_alone_and_stops_nothing() -> None:
    """A dead recipient neither aborts the others nor takes another's row with it."""
    connections = FakeConnections(*(connection(id_[0], id_) for id_ in ("a1", "b1", "b2", "b3")))
    push = FakePush("b1")
    deliver(connections, push)
    assert push.frames == {"b2": FRAMES, "b3": FRAMES}
    assert connections.ids() == ["a1", "b2", "b3"]
    assert push.attempts == 1 + 2 * len(FRAMES)


def test_connection_that_may_still_be_opening_is_not_forgotten_for_answering_gone() -> None:
    """API Gateway answers 410 until $connect is through: who loses its row then is never told of more."""
    opening = connection("b", "b1", connected_at=START - CONNECT_TIMEOUT + 0.001)
    gone = connection("b", "b2", connected_at=START - CONNECT_TIMEOUT)
    connections = FakeConnections(opening, gone)
    deliver(connections, FakePush("b1", "b2"))
    assert connections.ids() == ["b1"]


def test_connection_past_its_token_gets_nothing_and_is_ended() -> None:
    """A connection does not outlive its token."""
    connections = FakeConnections(connection("b", "b1", expires_at=START), connection("b", "b2"))
    push = FakePush()
    deliver(connections, push)
    assert push.frames == {"b2": FRAMES}
    assert push.closed == ["b1"]
    assert connections.ids() == ["b2"]


def test_fault_of_the_connections_table_is_logged_and_never_raised(chat_log: list[logging.LogRecord]) -> None:
    """What was sent is durable already: a push fault must not make the client send again."""
    connections = FakeConnections(connection("b", "b1"))
    connections.fault = RuntimeError("throttled")
    push = FakePush()
    deliver(connections, push)
    assert push.attempts == 0
    assert [record.message for record in chat_log] == ["delivery_failed"]


def test_fault_while_forgetting_a_gone_connection_is_logged_and_never_raised(
    chat_log: list[logging.LogRecord],
) -> None:
    """The next push finds it gone again."""

    class Unwritable(FakeConnections):
        def remove(self, user_id: str, connection_ids: object) -> NoReturn:
            raise RuntimeError(f"{user_id} {connection_ids}")

    push = FakePush("b1")
    deliver(Unwritable(connection("b", "b1"), connection("b", "b2")), push)
    assert push.frames == {"b2": FRAMES}
    assert [record.message for record in chat_log] == ["push_failed"]


def test_as_many_devices_as_a_request_posts_to_itself_leave_the_queue_empty() -> None:
    """Up to the limit nobody waits for another function."""
    push = FakePush()
    connections = FakeConnections(*(connection("b", f"b{number}") for number in range(DIRECT_LIMIT)))
    assert deliver(connections, push, but=None) == []
    assert len(push.frames) == DIRECT_LIMIT


def test_more_devices_are_left_to_the_queue_and_none_is_posted_to() -> None:
    """One task names the users who are connected, each once, and what came by which connection."""
    push = FakePush()
    devices = [connection("b", f"b{number}") for number in range(DIRECT_LIMIT)]
    connections = FakeConnections(connection("a", "a1"), connection("a", "a2"), *devices)
    (message,) = deliver(connections, push)
    assert push.attempts == 0
    task = users_of(message)
    assert (task.user_ids, task.but) == (["a", "b"], "a1")
    assert [bytes(frame) for frame in task.frames] == FRAMES


def test_many_users_are_looked_up_and_left_to_the_queue_a_hundred_at_a_time() -> None:
    """As many as one look covers stand in one task, and nobody in two."""
    user_ids = [f"u{number:03}" for number in range(256)]
    connections = FakeConnections(*(connection(user_id, f"c-{user_id}") for user_id in user_ids))
    queue = FakeQueue()
    service(connections, FakePush(), queue)(user_ids, FRAMES, None)
    assert connections.reads == 3
    slices = [list(users_of(message).user_ids) for message in queue.messages]
    assert [len(named) for named in slices] == [100, 100, 56]
    assert [user_id for named in slices for user_id in named] == user_ids


def test_user_whom_a_post_does_not_reach_now_is_left_to_the_queue() -> None:
    """What passes is tried again, by who may wait: push is at least once."""
    push = FakePush()
    push.failing.add("b1")
    (message,) = deliver(FakeConnections(connection("a", "a2"), connection("b", "b1")), push)
    assert push.frames == {"a2": FRAMES}
    assert users_of(message).user_ids == ["b"]


def test_queue_that_takes_nothing_is_logged_and_fails_nothing(chat_log: list[logging.LogRecord]) -> None:
    """What was sent is durable already."""
    queue = FakeQueue()
    queue.fault = RuntimeError("unreachable")
    service(FakeConnections(), FakePush(), queue).to_chat(CHANNEL, (), FRAMES, None)
    assert [record.message for record in chat_log] == ["delivery_failed"]


def test_channel_costs_one_message_of_the_queue_and_no_look_at_connections() -> None:
    """However many subscribe to it."""
    connections, queue = FakeConnections(connection("b", "b1")), FakeQueue()
    service(connections, FakePush(), queue).to_chat(CHANNEL, ["a"], FRAMES, "a1")
    (message,) = queue.messages
    assert connections.reads == 0
    task = msgspec.json.decode(message, type=PostToMembers)
    assert task == PostToMembers(chat_id=CHANNEL, frames=task.frames, but="a1")


def test_group_is_delivered_to_as_its_members_are() -> None:
    """Who they are was read with the right to send."""
    push, queue = FakePush(), FakeQueue()
    connections = FakeConnections(connection("a", "a1"), connection("b", "b1"))
    group = f"g:{CHANNEL.removeprefix('c:')}"
    service(connections, push, queue).to_chat(group, ["a", "b"], FRAMES, "a1")
    assert (push.frames, queue.messages) == ({"b1": FRAMES}, [])
