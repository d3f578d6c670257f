"""Delivery: every other live device of every member, in order, whatever becomes of one of them."""

from __future__ import annotations

import logging  # noqa: TC003 - the fixture's type

from chat.domain import CONNECT_TIMEOUT
from chat.service.deliver import Deliver
from tests.handlers.support.fakes import START, FakeClock, FakeConnections, FakePush, connection

FRAMES = [b"1", b"2", b"3"]


def deliver(connections: FakeConnections, push: FakePush, but: str | None = "a1") -> None:
    """Deliver the frames to users a and b."""
    Deliver(connections, push, FakeClock())(["a", "b"], FRAMES, but)


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
        def remove(self, user_id: str, connection_ids: object) -> None:
            raise RuntimeError(f"{user_id} {connection_ids}")

    push = FakePush("b1")
    deliver(Unwritable(connection("b", "b1"), connection("b", "b2")), push)
    assert push.frames == {"b2": FRAMES}
    assert [record.message for record in chat_log] == ["push_failed"]
