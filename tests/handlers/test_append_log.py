"""The append log: one order, once, acked only when durable, with as few requests as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.append import Append, Draft
from chat.errors import ChatError
from chat.service.append import BACKOFF_CAP, CONFLICT_LIMIT, AppendLog
from chat.service.membership import KnownChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.messages import FakeMessages

if TYPE_CHECKING:
    from chat.domain import Message

CHAT = "dm:a:b"
PAGE = 5


class Environment:
    """One execution environment: its own memory over the shared log."""

    def __init__(self, messages: FakeMessages) -> None:
        self.clock = FakeClock()
        self.known = KnownChats()
        self.log = AppendLog(messages, self.known, self.clock, page_limit=PAGE, jitter=lambda: 1.0)

    def send(self, sender_id: str, after: int, *ids: str) -> Append:
        """Send messages whose texts are their ids."""
        append = Append(sender_id, after, [Draft(id_, id_) for id_ in ids])
        self.log.run(CHAT, append)
        return append


@pytest.fixture
def messages() -> FakeMessages:
    """An empty table."""
    return FakeMessages()


@pytest.fixture
def environment(messages: FakeMessages) -> Environment:
    """A warm environment."""
    return Environment(messages)


def log_of(messages: FakeMessages) -> list[str]:
    """The ids in the chat, in order; the numbers are 1, 2, 3, ..."""
    log = messages.logs.get(CHAT, {})
    assert sorted(log) == list(range(1, len(log) + 1))
    return [log[seq].id for seq in sorted(log)]


def test_append_at_the_tail_costs_one_put(messages: FakeMessages, environment: Environment) -> None:
    """Warm and up to date: no read, no second write."""
    first = environment.send("a", 0, "1")
    second = environment.send("b", 1, "2")
    assert (messages.puts, messages.queries) == (2, 0)
    assert [message.seq for message in (*first.landed, *second.landed)] == [1, 2]
    assert first.missed == second.missed == []


def test_append_takes_its_time_from_the_service_clock(
    messages: FakeMessages, environment: Environment
) -> None:
    """Clients' clocks say nothing."""
    environment.send("a", 0, "1")
    assert messages.logs[CHAT][1].sent_at == "2027-01-15T08:00:00.000Z"


def test_two_messages_in_one_millisecond_both_stay(messages: FakeMessages, environment: Environment) -> None:
    """The time is no key."""
    environment.send("a", 0, "1")
    Environment(messages).send("b", 0, "2")
    assert log_of(messages) == ["1", "2"]
    assert messages.logs[CHAT][1].sent_at == messages.logs[CHAT][2].sent_at


def test_append_behind_the_tail_lands_after_it_and_tells_what_was_missed(messages: FakeMessages) -> None:
    """An environment that has not seen the chat finds the place taken, looks once, and puts once more."""
    missed = messages.write(CHAT, "b", "hi", "there")
    append = Environment(messages).send("a", 0, "1")
    assert append.landed[0].seq == 3
    assert append.missed == missed
    assert (messages.puts, messages.queries) == (2, 1)


def test_append_behind_what_the_environment_saw_does_not_try_a_taken_place(
    messages: FakeMessages, environment: Environment
) -> None:
    """The remembered number saves the put that would fail."""
    environment.send("b", 0, "1")
    environment.send("a", 0, "2")
    assert log_of(messages) == ["1", "2"]
    assert (messages.puts, messages.queries) == (2, 1)


def test_retry_of_a_landed_message_is_acked_with_its_number(messages: FakeMessages) -> None:
    """From another environment as well: no second message, the first one's time."""
    first = Environment(messages).send("a", 0, "1")
    messages.write(CHAT, "b", "meanwhile")
    again = Environment(messages).send("a", 0, "1")
    assert again.landed == first.landed
    assert len(log_of(messages)) == 2


def test_retry_with_another_text_keeps_the_first(environment: Environment) -> None:
    """An id stands for one message for good."""
    environment.send("a", 0, "1")
    append = Append("a", 0, [Draft("1", "edited")])
    environment.log.run(CHAT, append)
    assert append.landed[0].text == "1"


def test_frame_of_several_lands_in_its_order(messages: FakeMessages, environment: Environment) -> None:
    """Consecutive when nobody interferes."""
    append = environment.send("a", 0, "3", "1", "2")
    assert log_of(messages) == ["3", "1", "2"]
    assert [message.id for message in append.landed] == ["3", "1", "2"]


def test_retry_of_a_half_landed_frame_completes_it(messages: FakeMessages) -> None:
    """What has landed is acked where it is, the rest goes to the tail; each once."""
    environment = Environment(messages)
    environment.send("a", 0, "1", "2")
    messages.write(CHAT, "b", "between")
    append = Environment(messages).send("a", 0, "1", "2", "3")
    assert [message.seq for message in append.landed] == [1, 2, 4]
    assert [message.seq for message in append.missed] == [3]


def test_id_of_another_members_message_is_refused(messages: FakeMessages, environment: Environment) -> None:
    """Nobody is told that someone else's message is theirs."""
    environment.send("a", 0, "1")
    with pytest.raises(ChatError, match=r"^id_taken"):
        environment.send("b", 0, "1")
    assert log_of(messages) == ["1"]


def test_after_older_than_a_page_asks_for_a_sync(messages: FakeMessages, environment: Environment) -> None:
    """Too much to search: nothing is written."""
    messages.write(CHAT, "b", *"abcdef")
    with pytest.raises(ChatError, match=r"^sync_required"):
        environment.send("a", 0, "1")
    assert len(log_of(messages)) == 6


def test_retry_older_than_a_page_is_acked_when_it_is_found(
    messages: FakeMessages, environment: Environment
) -> None:
    """A message that landed long ago needs no search up to the tail."""
    environment.send("a", 0, "1")
    messages.write(CHAT, "b", *"abcdef")
    assert environment.send("a", 0, "1").landed[0].seq == 1


class Contended(FakeMessages):
    """A log in which someone else always is a step ahead."""

    def put(self, chat_id: str, message: Message) -> bool:
        """Let the other one write first."""
        self.write(chat_id, "b", "first")
        return super().put(chat_id, message)


def test_endless_contention_ends_in_a_retryable_error_after_bounded_backoff() -> None:
    """The first conflict is no contention; from the second on the waits are parts of a doubling bound."""
    messages = Contended()
    environment = Environment(messages)
    with pytest.raises(ChatError, match=r"^contention") as refused:
        environment.send("a", 0, "1")
    assert refused.value.entry.retryable
    assert messages.puts == CONFLICT_LIMIT
    assert environment.clock.slept[:4] == [0.04, 0.08, 0.16, BACKOFF_CAP]
    assert len(environment.clock.slept) == CONFLICT_LIMIT - 2
    assert "1" not in log_of(messages)


def test_known_chats_forget_the_longest_unused() -> None:
    """Memory is bounded, and using a chat keeps it."""
    known = KnownChats(limit=2)
    known.saw("x", 3)
    known.saw("y", 1)
    known.saw("x", 2)
    known.saw("z")
    assert (known.highest("x"), known.highest("y"), known.highest("z")) == (3, None, 0)
