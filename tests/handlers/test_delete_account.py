"""Deleting an account: all of it goes, step by step, and no fault or repetition leaves a part behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chat.attachments import Attachment
from chat.domain import User
from chat.media import avatar_key, avatar_upload_key, kept_key
from chat.protocol.accounts import DeletionTask
from chat.service.avatars import Avatars
from chat.service.changes import ChangeLog
from chat.service.delete_account import DeleteAccount, EndAccount, EraseMessages, RequestDeletion
from chat.service.media import Attachments
from tests.handlers.support.fakes.accounts import FakeAccounts, FakeArchives
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats, FakeFormerChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.media import FakeMediaStorage
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeBlocks, FakeUsers

if TYPE_CHECKING:
    from collections.abc import Sequence


class KilledError(Exception):
    """The function's environment was killed."""


class World:
    """a has two direct chats, one with more messages than a step takes, and is in a group with others."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.messages = FakeMessages()
        self.changes = FakeChanges(self.messages)
        self.chats = FakeChats(self.messages)
        self.former = FakeFormerChats(self.chats)
        self.users = FakeUsers(User("a", "Alice"), User("b", "bob"))
        self.accounts = FakeAccounts()
        self.archives = FakeArchives()
        self.storage = FakeMediaStorage()
        self.blocks = FakeBlocks(("a", "x"), ("x", "a"))
        self.connections = FakeConnections(connection("a", "a1"), connection("b", "b1"))
        self.push = FakePush()
        self.queue = FakeQueue()
        self.steps_left = 1_000
        self.chats.members = {
            "dm:a:b": ["a", "b"],
            "dm:a:c": ["a", "c"],
            "g:1": ["a", "b", "c"],
            "dm:b:c": ["b", "c"],
        }
        for number in range(130):
            self.messages.write("dm:a:b", "a" if number % 2 else "b", f"secret {number}")
        self.messages.write("g:1", "a", "secret")
        self.messages.write("g:1", "b", "kept")
        self.messages.write("g:left", "a", "secret")
        self.messages.write("dm:b:c", "b", "kept")
        self.former.add("a", "g:left")

    def service(self) -> DeleteAccount:
        """Wire it as one environment does."""
        avatars = Avatars(lambda: self.storage, self.clock)
        end = EndAccount(
            self.users, avatars, self.accounts, self.archives, self.connections, self.push, self.clock
        )
        attachments = Attachments(lambda: self.storage)
        erase = EraseMessages(self.messages, attachments, ChangeLog(self.changes, self.clock), self.clock)
        return DeleteAccount(end, erase, self.leave, self.chats, self.former, self.blocks, self.queue)

    def leave(self, user_id: str, chat_id: str) -> None:
        """Leave a group, or be interrupted."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise KilledError
        if user_id in self.chats.members[chat_id]:
            self.chats.members[chat_id].remove(user_id)

    def run(self) -> None:
        """Carry out what is in the queue until it is empty."""
        for _ in range(200):
            if not self.queue.messages:
                return
            self.service()(msgspec.json.decode(self.queue.messages.pop(0), type=DeletionTask))
        pytest.fail("the deletion does not come to its end")

    def texts(self, sender_id: str) -> Sequence[str]:
        """All texts of a sender, in all chats."""
        return [
            m.text for log in self.messages.logs.values() for m in log.values() if m.sender_id == sender_id
        ]

    def assert_gone(self) -> None:
        """Nothing of a's is left, and all of the others' is."""
        assert set(self.texts("a")) == {""}
        assert "" not in self.texts("b")
        assert len(self.messages.logs["dm:a:b"]) == 130
        assert all("a" not in members for members in self.chats.members.values())
        assert self.former.lists == {}
        assert self.blocks.pairs == {("x", "a")}
        assert "a" not in self.users.users
        assert set(self.accounts.deleted) == {"a"}
        assert self.connections.ids() == ["b1"]
        assert self.push.closed == ["a1"]


@pytest.fixture
def world() -> World:
    """A new world."""
    return World()


def test_deletion_empties_what_the_user_wrote_and_ends_all_that_the_user_had(world: World) -> None:
    """In chats of every kind, those left long ago too; what others wrote stays."""
    RequestDeletion(world.queue, world.clock)("a")
    world.run()
    world.assert_gone()


def test_deletion_removes_the_files_that_the_user_sent_and_no_others(world: World) -> None:
    """They go with their messages."""
    kept = {}
    for user_id in ("a", "b"):
        message = next(m for m in world.messages.logs["dm:a:b"].values() if m.sender_id == user_id)
        attachment = Attachment((user_id * 32), "cat.png", "image/png", 8)
        world.messages.logs["dm:a:b"][message.seq] = structs.replace(message, attachment=attachment)
        kept[user_id] = kept_key("dm:a:b", attachment.media_id)
        world.storage.upload(kept[user_id], b"")
    RequestDeletion(world.queue, world.clock)("a")
    world.run()
    assert list(world.storage.files) == [kept["b"]]


def test_deletion_removes_the_avatar(world: World) -> None:
    """And nobody else's; what was uploaded as it goes too."""
    avatar = "0" * 32
    for user_id in ("a", "b"):
        world.users.update(user_id, {"avatar": avatar})
        for key in (avatar_upload_key(user_id, avatar), avatar_key(user_id, avatar)):
            world.storage.upload(key, b"")
    RequestDeletion(world.queue, world.clock)("a")
    world.run()
    assert sorted(world.storage.files) == [avatar_key("b", avatar), avatar_upload_key("b", avatar)]


def test_deletion_that_is_repeated_changes_nothing(world: World) -> None:
    """A queue may hand a message out twice, and a user may ask twice."""
    for _ in range(2):
        RequestDeletion(world.queue, world.clock)("a")
    world.run()
    written = world.changes.puts
    RequestDeletion(world.queue, world.clock)("a")
    world.run()
    world.assert_gone()
    assert world.changes.puts == written


@given(steps=st.integers(0, 3), repeated=st.lists(st.integers(0, 12), max_size=4))
def test_deletion_resumes_after_faults_and_repetitions(steps: int, repeated: list[int]) -> None:
    """Whichever step is interrupted, and whichever are handed out twice or late."""
    world = World()
    RequestDeletion(world.queue, world.clock)("a")
    world.steps_left = steps
    seen: list[bytes] = []
    for turn in range(200):
        if not world.queue.messages:
            break
        task = world.queue.messages.pop(0)
        seen.append(task)
        try:
            world.service()(msgspec.json.decode(task, type=DeletionTask))
        except KilledError:
            world.steps_left = 1_000
            world.queue.messages.append(task)
        if turn in repeated:
            world.queue.messages.append(seen[turn // 2])
    world.assert_gone()


def test_chat_joined_while_the_deletion_goes_on_is_left_too(world: World) -> None:
    """The list of a user's chats may be late: it is looked at once more at the end."""
    RequestDeletion(world.queue, world.clock)("a")
    service = world.service()
    while world.queue.messages:
        task = msgspec.json.decode(world.queue.messages.pop(0), type=DeletionTask)
        if task.step == "unblock" and "a" not in world.chats.members["dm:b:c"] and world.steps_left:
            world.chats.members.setdefault("g:2", ["a"])
            world.steps_left = 1
        service(task)
    assert world.chats.members["g:2"] == []
