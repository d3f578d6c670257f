"""Exports: an archive has all that its owner wrote and nothing of others, and is given to the owner alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from chat.domain import User
from chat.errors import ChatError
from chat.protocol.accounts import DeletionTask, ExportTask
from chat.service.export import ARCHIVE_LIFETIME, PREPARING_LIFETIME, MakeExport, RequestExport
from tests.handlers.support.fakes.accounts import FakeArchives, FakeExports
from tests.handlers.support.fakes.chats import FakeChats, FakeFormerChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeBlocks, FakeUsers
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley


class World:
    """a writes in two chats, and wrote in one that a has left."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.former = FakeFormerChats(self.chats)
        self.exports, self.archives, self.queue = FakeExports(), FakeArchives(), FakeQueue()
        self.users = FakeUsers(User("a", "Alice", about="Reads."))
        self.blocks = FakeBlocks(("a", "x"))
        self.chats.members = {"dm:a:b": ["a", "b"], "g:1": ["a", "b"], "dm:b:c": ["b", "c"]}
        self.messages.write("dm:a:b", "a", *[f"mine {number}" for number in range(120)])
        self.messages.write("g:1", "b", "theirs")
        self.messages.write("dm:b:c", "b", "theirs")
        self.messages.write("g:left", "a", "mine of old")
        self.former.add("a", "g:left")
        self.service = RequestExport(self.exports, self.archives, self.queue, self.clock)
        self.make = MakeExport(
            self.users, self.chats, self.former, self.messages, self.blocks, self.exports, self.archives
        )

    def work(self) -> None:
        """Make what is due."""
        while self.queue.messages:
            self.make(msgspec.json.decode(self.queue.messages.pop(0), type=ExportTask))


@pytest.fixture
def world() -> World:
    """A new world."""
    return World()


def test_archive_has_the_profile_and_every_message_of_its_owner(world: World) -> None:
    """From the chats that the owner is in and was in; it is JSON whatever its size."""
    world.service.request("a")
    world.work()
    archive: dict[str, Any] = json.loads(world.archives.archives["a"])
    assert archive["profile"] == {"userId": "a", "username": "Alice", "about": "Reads."}
    assert archive["blocked"] == ["x"]
    texts = [entry["message"]["text"] for entry in archive["messages"]]
    assert sorted(texts) == sorted(["mine of old", *(f"mine {number}" for number in range(120))])
    assert {entry["chatId"] for entry in archive["messages"]} == {"dm:a:b", "g:left"}


def test_archive_of_who_wrote_nothing_is_json_too(world: World) -> None:
    """With no message in it."""
    world.users.users["n"] = User("n", "new")
    world.service.request("n")
    world.work()
    assert json.loads(world.archives.archives["n"])["messages"] == []


def test_export_is_preparing_then_ready_then_gone(world: World) -> None:
    """And asked for again while it is being made, it is not made twice."""
    with pytest.raises(ChatError, match=r"^no_export"):
        world.service.get("a")
    requested = world.service.request("a")
    assert world.service.request("a") == requested == world.service.get("a")
    assert len(world.queue.messages) == 1
    world.work()
    ready = world.service.get("a")
    assert (ready.status, ready.url) == ("ready", "https://archives.test/a?for=900")
    world.clock.time += ARCHIVE_LIFETIME
    with pytest.raises(ChatError, match=r"^no_export"):
        world.service.get("a")


def test_export_that_does_not_come_is_asked_for_anew(world: World) -> None:
    """After so long the queue has given it up."""
    world.service.request("a")
    world.clock.time += PREPARING_LIFETIME
    world.service.request("a")
    assert len(world.queue.messages) == 2
    world.work()
    assert world.service.get("a").status == "ready"


def test_export_of_an_account_deleted_meanwhile_is_not_made(world: World) -> None:
    """There is nobody to give it to."""
    world.service.request("a")
    world.users.delete("a", "now")
    world.work()
    assert world.archives.archives == {}


def test_asking_for_an_export_costs_a_read_a_message_and_an_update(parley: Parley) -> None:
    """And looking for it one read."""
    alice = Person("alice")
    parley.request(alice, "GET /users/me")
    parley.request(alice, "POST /tickets")
    parley.aws.reset()
    status, asked = parley.request(alice, "POST /users/me/export")
    assert (status, asked["status"]) == (202, "preparing")
    assert parley.aws.operations()[-3:] == ["GetItem", "SendMessage", "UpdateItem"]
    parley.aws.reset()
    assert parley.request(alice, "GET /users/me/export") == (200, asked)
    assert parley.aws.operations() == ["GetItem"]


def test_deletion_of_an_account_through_its_queue_leaves_nothing(
    parley: Parley, dynamodb: DynamoDBClient
) -> None:
    """Each step is handed on by the queue; afterwards the name is free, and the id tells nobody anything."""
    alice, bob = Person("alice"), Person("bob")
    chat_id = parley.chat(alice, bob)
    parley.connect(alice, bob)
    parley.frame(alice, send_frame(chat_id, 0, "secret"))
    parley.request(alice, "PUT /users/me/blocks/{userId}", path={"userId": bob.user_id})
    assert parley.request(alice, "DELETE /users/me")[0] == 202
    done = 0
    while done < len(tasks := parley.aws.queued()):
        record = {"messageId": str(done), "body": json.dumps(tasks[done])}
        assert parley.invoke("delete_account", {"Records": [record]}) == {"batchItemFailures": []}
        done += 1
    assert msgspec.convert(tasks[0], DeletionTask).step == "end"
    _, page = parley.request(bob, "GET /chats/{chatId}/messages", path={"chatId": chat_id})
    (message,) = page["messages"]
    assert (message["text"], message["senderId"]) == ("", alice.user_id)
    assert "deletedAt" in message
    assert parley.request(bob, "GET /users/{userId}", path={"userId": alice.user_id})[0] == 404
    status, refused = parley.request(alice, "POST /tickets")
    assert (status, refused["error"]["code"]) == (401, "signed_out")
    tombstone = dynamodb.get_item(TableName="users", Key={"userId": {"S": alice.user_id}})["Item"]
    assert tombstone.keys() == {"userId", "deletedAt", "signedOutAt"}
    left = {item["chatId"]["S"] for item in dynamodb.scan(TableName="chats")["Items"]}
    assert not {f"former:{alice.user_id}", f"blocks:{alice.user_id}"} & left
