"""Catching up with changes: beside the messages, as the messages are now, and as much as fits."""

from __future__ import annotations

import pytest
from msgspec import UNSET, structs

from chat.changes import MessageVersion, version_of
from chat.codec import decode
from chat.domain import PAGE_BYTES, PAGE_LIMIT, Change, Message
from chat.errors import ChatError
from chat.protocol.client_frames import Sync
from chat.roster import Place, Roster
from chat.service.membership import KnownChats, Membership
from chat.service.sync import CatchUp
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.messages import FakeMessages

CHAT, OTHER = "dm:a:b", "dm:a:c"
GROUP = "g:01JD0000000000000000000000"


class World:
    """Two direct chats."""

    def __init__(self) -> None:
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.changes = FakeChanges(self.messages, self.chats)
        self.chats.members = {CHAT: ["a", "b"], OTHER: ["a", "c"]}
        self.sync = CatchUp(Membership(self.chats, KnownChats()), self.messages, self.changes)

    def edit(self, seq: int, text: str, chat_id: str = CHAT) -> Message:
        """Change a message."""
        was, number = self.messages.logs[chat_id][seq], self.changes.tail(chat_id) + 1
        message = structs.replace(was, text=text, change=number)
        change = Change(number=number, by="a", at="t", message=message)
        assert self.changes.put(chat_id, change, [MessageVersion(message, was)])
        return message


@pytest.fixture
def world() -> World:
    """With three messages in one of them."""
    world = World()
    world.messages.write(CHAT, "a", *"123")
    return world


def test_changes_come_only_where_they_are_asked_for(world: World) -> None:
    """So what they cost is spent by who holds what they change."""
    world.edit(1, "x")
    asked, other = world.sync("a", {CHAT: 3, OTHER: 0}, {CHAT: 0})
    assert [change.number for change in asked.changes or ()] == [1]
    assert other.changes is UNSET


def test_change_that_was_overtaken_comes_without_the_message(world: World) -> None:
    """Which comes once, with the change that made it what it is."""
    world.edit(1, "x")
    world.edit(2, "y")
    newest = world.edit(1, "z")
    (chat,) = world.sync("a", {CHAT: 3}, {CHAT: 0})
    assert [change.message for change in chat.changes or ()] == [UNSET, world.messages.get(CHAT, 2), newest]
    assert chat.has_more is False


def test_change_beyond_what_is_held_comes_alone(world: World) -> None:
    """Like messages."""
    for text in "xyz":
        world.edit(1, text)
    (chat,) = world.sync("a", {CHAT: 3}, {CHAT: 2})
    assert [change.number for change in chat.changes or ()] == [3]
    (chat,) = world.sync("a", {CHAT: 3}, {CHAT: 3})
    assert (chat.changes, chat.has_more) == ((), False)


def test_message_read_while_its_change_is_written_ends_the_page_before_it(world: World) -> None:
    """Else its reader would hold the change's number and the message as it was before, for ever."""
    was = world.messages.logs[CHAT][2]
    world.edit(1, "x")
    world.edit(2, "y")
    world.messages.logs[CHAT][2] = was
    (chat,) = world.sync("a", {CHAT: 3}, {CHAT: 0})
    assert ([change.number for change in chat.changes or ()], chat.has_more) == ([1], True)


def test_message_from_before_the_reader_joined_is_not_shown_by_its_change(world: World) -> None:
    """The number comes, the message does not."""
    places = {"a": Place("owner", 0, 0), "b": Place("member", 2, 1)}
    world.chats.create(
        Roster(
            chat_id=GROUP,
            kind="group",
            name="n",
            history="joining",
            created_by="a",
            created_at="t",
            places=places,
        )
    )
    world.messages.write(GROUP, "a", *"123")
    world.edit(2, "secret", GROUP)
    shown = world.edit(3, "shown", GROUP)
    (chat,) = world.sync("b", {GROUP: 0}, {GROUP: 0})
    assert [message.seq for message in chat.messages] == [3]
    assert [change.message for change in chat.changes or ()] == [UNSET, shown]


def test_page_of_changes_is_bounded(world: World) -> None:
    """And says that there are more."""
    for number in range(PAGE_LIMIT + 1):
        world.edit(1, str(number))
    (chat,) = world.sync("a", {CHAT: 3}, {CHAT: 0})
    assert (len(chat.changes or ()), chat.has_more) == (PAGE_LIMIT, True)


def test_long_messages_leave_changes_to_the_next_sync_which_ends_level(world: World) -> None:
    """An answer has a bound in bytes, messages first; whoever asks on comes to hold everything."""
    world.messages.write(CHAT, "a", *["y" * (PAGE_BYTES // 4)] * 5)
    for seq in (4, 5, 6, 7, 8):
        world.edit(seq, "z" * (PAGE_BYTES // 4))
    held: dict[int, Message] = {}
    last_seq = last_change = syncs = 0
    more = True
    while more:
        syncs += 1
        (chat,) = world.sync("a", {CHAT: last_seq}, {CHAT: last_change})
        more = chat.has_more
        assert chat.messages or chat.changes
        for message in [*chat.messages, *(change.message for change in chat.changes or ())]:
            if message and version_of(message) >= version_of(held.get(message.seq, message)):
                held[message.seq] = message
        last_seq = max([last_seq, *(message.seq for message in chat.messages)])
        last_change = max([last_change, *(change.number for change in chat.changes or ())])
    assert syncs > 2
    assert held == world.messages.logs[CHAT]


def test_full_answer_leaves_the_remaining_chats_to_the_next_sync(world: World) -> None:
    """They come empty, and say that there is more."""
    world.messages.write(OTHER, "a", "1")
    world.messages.write(CHAT, "a", *["y" * (PAGE_BYTES // 2)] * 3)
    _, other = world.sync("a", {CHAT: 3, OTHER: 0}, {CHAT: 0, OTHER: 0})
    assert (other.messages, other.changes, other.has_more) == ((), (), True)


def test_changes_of_a_chat_of_others_are_unknown(world: World) -> None:
    """As its messages are."""
    with pytest.raises(ChatError, match=r"^unknown_chat"):
        world.sync("b", {OTHER: 0}, {OTHER: 0})


def test_changes_of_a_chat_that_is_not_synced_do_not_fit_the_protocol() -> None:
    """Its answer would have no place for them."""
    with pytest.raises(ChatError, match=r"^bad_request.*`changes` names a chat"):
        decode('{"action":"sync","chats":{"dm:a:b":0},"changes":{"dm:a:c":0}}', Sync)
