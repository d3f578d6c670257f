"""Searching messages: what is found, in which order, how far one answer goes, and what it costs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType, structs

from chat.domain import PAGE_BYTES, Message
from chat.errors import ChatError
from chat.service.search import SEARCH_CHATS, SEARCH_DEPTH, Search
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from chat.protocol.http_search import Hit
    from tests.handlers.support.service import Parley


class World:
    """Chats of a, each with another user, whose messages have times that only grow."""

    def __init__(self) -> None:
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.search = Search(self.chats, self.messages)
        self._seconds = itertools.count()

    def write(self, chat_id: str, *texts: str) -> None:
        """Write messages, later than all that were written before."""
        self.chats.members.setdefault(chat_id, ["a", chat_id])
        for message in self.messages.write(chat_id, "a", *texts):
            at = f"2027-01-15T08:00:{next(self._seconds):09}Z"
            self.messages.logs[chat_id][message.seq] = structs.replace(message, sent_at=at)

    def all(self, sought: str, chat_id: str | UnsetType = UNSET, limit: int = 50) -> list[list[Hit]]:
        """Go on until there is no more to search; the hits of every answer."""
        answers = []
        cursor: str | UnsetType = UNSET
        while True:
            body = self.search("a", sought, chat_id, cursor, limit)
            answers.append(list(body.hits))
            if body.next is UNSET:
                return answers
            cursor = body.next


@pytest.fixture
def world() -> World:
    """An empty world."""
    return World()


def texts(answers: list[list[Hit]]) -> list[str]:
    """What the messages found say, in their order."""
    return [hit.message.text for hits in answers for hit in hits]


@pytest.mark.parametrize("sought", ["straße", "STRASSE", "Café", "cafe\u0301", "ﬁn"])
def test_search_finds_a_text_in_any_case_and_composition(world: World, sought: str) -> None:
    """As a reader compares, not as bytes do."""
    world.write("dm:a:b", "In der Straße ist das CAFÉ fin")
    assert len(texts(world.all(sought))) == 1


def test_search_of_a_chat_gives_the_newest_first_and_goes_on(world: World) -> None:
    """No hit is left out between two answers, and none comes twice."""
    world.write("dm:a:b", *(f"apple {number}" if number % 2 else "pear" for number in range(1, 12)))
    world.write("dm:a:c", "apple elsewhere")
    answers = world.all("apple", "dm:a:b", limit=2)
    assert texts(answers) == [f"apple {number}" for number in (11, 9, 7, 5, 3, 1)]
    assert all(len(hits) <= 2 for hits in answers)


def test_search_reads_so_much_for_one_answer_and_no_more(world: World) -> None:
    """What is far back is found in a later answer, though the first is empty."""
    world.write("dm:a:b", "needle", *["hay"] * SEARCH_DEPTH)
    assert [len(hits) for hits in world.all("needle", "dm:a:b")] == [0, 1]


def test_search_across_chats_merges_them_by_time(world: World) -> None:
    """The newest first, whichever chat it is in."""
    world.write("dm:a:b", "x1")
    world.write("dm:a:c", "x2")
    world.write("dm:a:b", "x3")
    assert texts(world.all("X")) == ["x3", "x2", "x1"]


def test_search_across_more_chats_than_one_answer_takes_goes_on_with_the_others(world: World) -> None:
    """Every chat has its turn."""
    for number in range(2 * SEARCH_CHATS + 1):
        world.write(f"dm:a:b{number:02}", f"x{number:02}")
    assert sorted(texts(world.all("x"))) == [f"x{number:02}" for number in range(2 * SEARCH_CHATS + 1)]


@given(
    logs=st.lists(st.lists(st.sampled_from(["yes", "no"]), max_size=6), max_size=12),
    limit=st.integers(1, 4),
)
def test_search_finds_everything_once_and_each_answer_in_order(logs: list[list[str]], limit: int) -> None:
    """However the chats, their lengths and the limit lie to each other."""
    world = World()
    for round_ in itertools.zip_longest(*logs):
        for number, text in enumerate(round_):
            if text is not None:
                world.write(f"dm:a:b{number:02}", text)
    answers = world.all("yes", limit=limit)
    found = [(hit.chat_id, hit.message.seq) for hits in answers for hit in hits]
    wanted = [
        (chat_id, message.seq)
        for chat_id, log in world.messages.logs.items()
        for message in log.values()
        if message.text == "yes"
    ]
    assert sorted(found) == sorted(wanted)
    for hits in answers:
        times = [hit.message.sent_at for hit in hits]
        assert times == sorted(times, reverse=True)


def test_search_answer_of_long_messages_fits(world: World) -> None:
    """Those that do not fit come in the next."""
    world.write("dm:a:b", *["x" * (PAGE_BYTES // 3)] * 4)
    assert [len(hits) for hits in world.all("xx")] == [2, 2]


def test_search_of_a_strangers_chat_finds_nothing_and_says_there_is_none(world: World) -> None:
    """By its id, and by a cursor that was made for it."""
    world.write("dm:a:b", *["secret"] * 3)
    cursor = world.search("a", "secret", "dm:a:b", UNSET, 1).next
    with pytest.raises(ChatError, match=r"^unknown_chat"):
        world.search("c", "secret", "dm:a:b", UNSET, 10)
    assert world.search("c", "secret", UNSET, cursor, 10).hits == []
    assert world.search("c", "secret", UNSET, UNSET, 10).hits == []
    assert world.messages.queries == 1


@pytest.mark.parametrize("cursor", ["x", "////", "e30=", "bnVsbA==", "5LiW", "\x0fw7\u008b"])
def test_cursor_that_no_answer_gave_is_refused(world: World, cursor: str) -> None:
    """Nothing is read for it."""
    with pytest.raises(ChatError, match=r"^bad_request"):
        world.search("a", "x", UNSET, cursor, 10)
    assert world.messages.queries == 0


def test_deleted_message_is_not_found(world: World) -> None:
    """Its text is gone."""
    world.write("dm:a:b", "x1", "x2")
    gone = world.messages.logs["dm:a:b"][1]
    world.messages.logs["dm:a:b"][1] = Message(gone.id, 1, "a", gone.sent_at, "")
    assert texts(world.all("x")) == ["x2"]


def test_search_costs_one_query_a_chat_one_batch_and_one_of_the_list(parley: Parley) -> None:
    """And without the list, where the chat is named."""
    alice = Person("alice")
    chat_ids = [parley.chat(alice, Person(f"other{number}")) for number in range(3)]
    parley.frame(alice, send_frame(chat_ids[0], 0, "Hello"))
    parley.aws.reset()
    status, found = parley.request(alice, "GET /search", query={"q": "hello"})
    assert (status, [hit["chatId"] for hit in found["hits"]]) == (200, [chat_ids[0]])
    assert parley.aws.operations() == ["Query", "BatchGetItem", "Query", "Query", "Query"]
    assert all(call.body.get("ConsistentRead") for call in parley.aws.calls[2:])
    parley.aws.reset()
    parley.request(alice, "GET /search", query={"q": "hello", "chatId": chat_ids[0]})
    assert parley.aws.operations() == ["BatchGetItem", "Query"]
