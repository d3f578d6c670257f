"""Retention: what is older goes from a chat's beginning, the last message never, and no table is scanned."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chat.adapters import aws as aws_clients
from chat.adapters.aws import UnprocessedKeysError
from chat.adapters.messages import MessagesTable
from chat.adapters.retention import BATCH_ATTEMPTS, SHARDS, RetentionTable, shard_of
from chat.attachments import Attachment
from chat.domain import Message, timestamp
from chat.media import kept_key
from chat.protocol.purge import PurgeTask
from chat.service.media import Attachments
from chat.service.purge import DAY, Purge, StartPurge
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.media import FakeMediaStorage
from tests.handlers.support.fakes.messages import FakeMessages, FakeRetention
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.recording_aws import Answer

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

DAYS = 30


class World:
    """Chats whose messages have any age."""

    def __init__(self, days: int = DAYS) -> None:
        self.clock, self.queue, self.messages = FakeClock(), FakeQueue(), FakeMessages()
        self.start = StartPurge(self.queue, ["00"], days)
        self.storage = FakeMediaStorage()
        attachments = Attachments(lambda: self.storage)
        retention = FakeRetention(self.messages)
        self.purge = Purge(retention, self.messages, attachments, self.queue, self.clock, days)

    def write(self, chat_id: str, *ages: float) -> None:
        """Write messages so many days old."""
        for message, age in zip(self.messages.write(chat_id, "a", *["x"] * len(ages)), ages, strict=True):
            at = timestamp(START - age * DAY)
            self.messages.logs[chat_id][message.seq] = structs.replace(message, sent_at=at)

    def run(self) -> int:
        """Purge all; how many tasks it took."""
        self.start()
        tasks = 0
        while self.queue.messages:
            self.purge(msgspec.json.decode(self.queue.messages.pop(0), type=PurgeTask))
            tasks += 1
        return tasks

    def left(self, chat_id: str) -> list[int]:
        """The numbers that are left of a chat."""
        return sorted(self.messages.logs[chat_id])


@pytest.mark.parametrize(
    ("ages", "left"),
    [
        ([40, 31, 29, 1], [3, 4]),
        ([40, 39, 38], [3]),
        ([40], [1]),
        ([], []),
        ([29, 28], [1, 2]),
        ([40, 1, 40, 1], [2, 3, 4]),
        ([30.001, 30, 1], [2, 3]),
    ],
)
def test_purge_removes_what_is_older_up_to_the_first_that_stays(ages: list[float], left: list[int]) -> None:
    """So that what remains has no hole; the last message stays whatever its age."""
    world = World()
    world.messages.logs["c"] = {}
    world.write("c", *ages)
    world.run()
    assert world.left("c") == left


@given(st.lists(st.lists(st.integers(0, 60), max_size=6), max_size=30), st.integers(0, 2))
def test_purge_leaves_every_chat_its_tail_and_no_hole(chats: list[list[int]], interrupted: int) -> None:
    """However many chats there are, and however often a task is repeated."""
    world = World()
    for number, ages in enumerate(chats):
        world.messages.logs[f"c{number:02}"] = {}
        world.write(f"c{number:02}", *sorted(ages, reverse=True))
    for _ in range(interrupted + 1):
        world.run()
    for number, ages in enumerate(chats):
        left = world.left(f"c{number:02}")
        kept = sum(age <= DAYS for age in ages)
        assert len(left) == max(kept, min(1, len(ages)))
        assert left == list(range(len(ages) - len(left) + 1, len(ages) + 1))


def test_purge_of_a_long_chat_takes_several_tasks() -> None:
    """One task ends in time."""
    world = World()
    world.write("a", *[40] * 4_500)
    world.write("b", 40, 1)
    assert world.run() == 3
    assert (world.left("a"), world.left("b")) == ([4_500], [2])


def test_files_go_with_what_is_purged_and_stay_with_what_stays() -> None:
    """Of the tail too, however old."""
    world = World()
    world.write("dm:a:b", 40, 39, 38)
    for seq in (1, 2, 3):
        message = world.messages.logs["dm:a:b"][seq]
        attachment = Attachment(f"{seq:032}", "cat.png", "image/png", 8)
        world.messages.logs["dm:a:b"][seq] = structs.replace(message, attachment=attachment)
        world.storage.upload(kept_key("dm:a:b", attachment.media_id), b"")
    world.run()
    assert list(world.storage.files) == [kept_key("dm:a:b", f"{3:032}")]


def test_retention_of_nought_days_keeps_messages_for_ever() -> None:
    """Nothing starts, and a task left in the queue does nothing."""
    world = World(0)
    world.write("c", 4_000, 4_000)
    assert world.run() == 0
    world.purge(PurgeTask("00"))
    assert (world.left("c"), world.queue.messages) == ([1, 2], [])


def test_purge_through_the_tables_costs_a_query_of_the_shard_and_one_a_chat(parley: Parley) -> None:
    """And one BatchWriteItem for 25 messages."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    table = MessagesTable(aws_clients.dynamodb(), "messages")
    for seq in range(1, 4):
        table.put(chat_id, Message(str(seq), seq, "a", "2020-01-01T00:00:00.000Z", "x"))
    parley.aws.reset()
    parley.invoke("start_purge", {"source": "aws.events"})
    assert sorted(task["shard"] for task in parley.aws.queued()) == list(SHARDS)
    parley.aws.reset()
    before = chat_id[:-1] + chr(ord(chat_id[-1]) - 1)
    task = {"shard": shard_of(chat_id), "after": before}
    record = {"messageId": "1", "body": json.dumps(task)}
    assert parley.invoke("purge", {"Records": [record]}) == {"batchItemFailures": []}
    assert parley.aws.operations()[:3] == ["Query", "Query", "BatchWriteItem"]
    assert [message.seq for message in table.after(chat_id, 0, 10).messages] == [3]


def test_deletes_left_unprocessed_are_asked_for_again_and_then_raise(parley: Parley) -> None:
    """A part must not pass for the whole."""
    table = RetentionTable(aws_clients.dynamodb(), "chats", "messages")
    key = {"chatId": {"S": "c"}, "seq": {"N": "1"}}
    left = {"UnprocessedItems": {"messages": [{"DeleteRequest": {"Key": key}}]}}
    parley.aws.answer_once("BatchWriteItem", Answer(200, left))
    table.purge("c", [1])
    assert parley.aws.operations() == ["BatchWriteItem"] * 2
    for _ in range(BATCH_ATTEMPTS):
        parley.aws.answer_once("BatchWriteItem", Answer(200, left))
    with pytest.raises(UnprocessedKeysError):
        table.purge("c", [1])
