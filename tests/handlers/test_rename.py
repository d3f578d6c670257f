"""Renaming: the answer is that of the change, whatever becomes of its maker's membership right after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.domain import GROUP
from chat.errors import ChatError
from chat.roster import Place, Roster
from chat.service.changes import ChangeLog
from chat.service.chats import ChatDirectory
from chat.service.deliver import Deliver
from chat.service.groups import Rename
from chat.service.membership import KnownChats, Membership
from chat.service.post import Post
from chat.service.rosters import RosterLog
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeUsers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.changes import Effect
    from chat.domain import Change

CHAT = "g:01JD5ZCV7M3V8Q6N1T9RZK4W2E"


class World(FakeChanges):
    """A group of a, who owns it, and b, who administers it and is out as soon as a change is written."""

    def __init__(self) -> None:
        messages = FakeMessages()
        messages.write(CHAT, "a", "hi")
        self.chats = FakeChats(messages)
        super().__init__(messages, self.chats)
        places = {"a": Place("owner", 0, 0), "b": Place("admin", 0, 0)}
        self.chats.create(
            Roster(
                chat_id=CHAT,
                kind=GROUP,
                name="old",
                history="start",
                created_by="a",
                created_at="t",
                places=places,
            )
        )
        clock, connections = FakeClock(), FakeConnections()
        membership = Membership(self.chats, KnownChats())
        deliver = Deliver(connections, Post(connections, FakePush(), clock), FakeQueue())
        log = RosterLog(membership, self.chats, ChangeLog(self, clock), deliver, clock)
        directory = ChatDirectory(self.chats, messages, self, FakeUsers(), membership, clock)
        self.rename = Rename(log, directory)

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """Write, and remove b."""
        written = super().put(chat_id, change, effects)
        self.chats.members[CHAT] = ["a"]
        return written


def test_rename_by_who_is_removed_right_after_it_is_answered() -> None:
    """The change was made, so it is not answered as if there were no such chat; the next request is."""
    world = World()
    chat = world.rename("b", CHAT, "new")
    assert (chat.name, chat.role, chat.last_seq, chat.last_change) == ("new", "admin", 1, 1)
    assert world.chats.rosters[CHAT].name == "new"
    with pytest.raises(ChatError, match=r"^unknown_chat"):
        world.rename("b", CHAT, "newer")


def test_rename_that_is_repeated_is_answered_again_without_a_change() -> None:
    """As after an answer that was lost."""
    world = World()
    first = world.rename("a", CHAT, "new")
    assert world.rename("a", CHAT, "new") == first
    assert world.tail(CHAT) == 1
