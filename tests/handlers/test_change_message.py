"""Editing, deleting and reacting: who may, what becomes of the message, who is told, what repeating does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec import UNSET, structs

from chat.attachments import Attachment
from chat.changes import version_of
from chat.domain import REACTION_LIMIT
from chat.errors import ChatError
from chat.media import kept_key, upload_key
from chat.protocol.server_frames import Changed
from chat.roster import Place, Roster
from chat.service.change_message import ChangeMessage
from chat.service.changes import ChangeLog
from chat.service.deliver import Deliver
from chat.service.media import Attachments
from chat.service.membership import KnownChats, Membership
from chat.service.post import Post
from tests.handlers.support.fakes.changes import FakeChanges
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.media import FakeMediaStorage
from tests.handlers.support.fakes.messages import FakeMessages
from tests.handlers.support.fakes.queue import FakeQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.domain import Message
    from chat.protocol.server_frames import ChangedBody

DIRECT = "dm:a:b"
GROUP = "g:01JD0000000000000000000000"
CHANNEL = "c:01JD0000000000000000000000"


class World:
    """A direct chat, a group and a channel; in each `a` wrote message 1, `b` message 2."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.messages = FakeMessages()
        self.chats = FakeChats(self.messages)
        self.changes = FakeChanges(self.messages, self.chats)
        self.connections = FakeConnections(*(connection(user, f"{user}1") for user in "abcd"))
        self.push, self.queue, self.storage = FakePush(), FakeQueue(), FakeMediaStorage()
        self.chats.members[DIRECT] = ["a", "b"]
        for chat_id, kind in ((GROUP, "group"), (CHANNEL, "channel")):
            self.chats.create(roster(chat_id, kind, a=Place("member", 0, 0), b=Place("owner", 0, 0)))
        self.chats.create(roster(CHANNEL, "channel", b=Place("owner", 0, 0)))
        for chat_id in (DIRECT, GROUP, CHANNEL):
            self.messages.write(chat_id, "a", "from a")
            self.messages.write(chat_id, "b", "from b")
        membership = Membership(self.chats, KnownChats(), self.clock.now)
        self.change = ChangeMessage(
            membership,
            self.messages,
            self.changes,
            ChangeLog(self.changes, self.clock),
            Deliver(self.connections, Post(self.connections, self.push, self.clock), self.queue),
            self.clock,
            Attachments(lambda: self.storage),
        )

    def message(self, chat_id: str = DIRECT, seq: int = 1) -> Message:
        """A message as it is."""
        return self.messages.logs[chat_id][seq]

    def told(self, user_id: str) -> list[Changed]:
        """What the user's one device was told."""
        return [msgspec.json.decode(frame, type=Changed) for frame in self.push.frames.get(f"{user_id}1", [])]


def roster(chat_id: str, kind: str, **places: Place) -> Roster:
    """A group or channel."""
    return Roster(
        chat_id=chat_id, kind=kind, name="n", history="start", created_by="b", created_at="t", places=places
    )


@pytest.fixture
def world() -> World:
    """Anew for each test."""
    return World()


def test_edited_message_has_the_text_its_time_and_its_change(world: World) -> None:
    """And everything else as it was."""
    was = world.message()
    changed = world.change.edit("a", DIRECT, 1, "better", "a1")
    now = world.message()
    assert now == structs.replace(was, text="better", edited_at="2027-01-15T08:00:00.000Z", change=1)
    assert (changed.change.message, changed.change.number, changed.change.by) == (now, 1, "a")
    assert [frame.change for frame in world.told("b")] == [changed.change]
    assert world.told("a") == []


def test_deleted_message_keeps_its_place_and_nothing_that_it_said(world: World) -> None:
    """A tombstone: number, id, sender, times."""
    world.messages.logs[DIRECT][1] = structs.replace(
        world.message(), reply_to=2, mentions=["b"], reactions={"b": "x"}, edited_at="t"
    )
    world.change.delete("a", DIRECT, 1)
    assert msgspec.to_builtins(world.message()) == {
        "id": "id-a-1",
        "seq": 1,
        "senderId": "a",
        "sentAt": "2027-01-15T08:00:00.000Z",
        "text": "",
        "deletedAt": "2027-01-15T08:00:00.000Z",
        "change": 1,
    }


def test_file_goes_with_its_message_and_with_nothing_less(world: World) -> None:
    """Also what was uploaded: a retry of the send must not bring it back."""
    attachment = Attachment("0" * 32, "cat.png", "image/png", 8)
    world.messages.logs[DIRECT][1] = structs.replace(world.message(), attachment=attachment)
    places = upload_key(DIRECT, "a", "0" * 32), kept_key(DIRECT, "0" * 32)
    for place in places:
        world.storage.upload(place, b"")
    world.change.edit("a", DIRECT, 1, "other words")
    assert world.message().attachment == attachment
    with pytest.raises(ChatError, match=r"^not_permitted"):
        world.change.delete("b", DIRECT, 1)
    assert world.storage.files.keys() == set(places)
    world.change.delete("a", DIRECT, 1)
    assert world.storage.files == {}
    assert world.message().attachment is UNSET


def test_reaction_is_one_a_member_and_is_replaced_and_taken_back(world: World) -> None:
    """Each is a change; without any, a message has no reactions at all."""
    world.change.react("a", DIRECT, 1, "👍")
    world.change.react("b", DIRECT, 1, "🎉")
    world.change.react("a", DIRECT, 1, "❤️")
    assert world.message().reactions == {"b": "🎉", "a": "❤️"}
    world.change.react("b", DIRECT, 1, UNSET)
    assert world.message().reactions == {"a": "❤️"}
    world.change.react("a", DIRECT, 1, UNSET)
    assert world.message().reactions is UNSET
    assert version_of(world.message()) == 5


@pytest.mark.parametrize("chat_id", [DIRECT, GROUP, CHANNEL])
def test_message_of_another_member_is_nobodys_to_edit(world: World, chat_id: str) -> None:
    """Not even an owner's: words are put into nobody's mouth."""
    with pytest.raises(ChatError, match=r"^not_permitted"):
        world.change.edit("b", chat_id, 1, "what a never said")
    assert world.message(chat_id).text == "from a"
    assert world.changes.logs == {}


@pytest.mark.parametrize(
    ("chat_id", "user_id", "seq", "allowed"),
    [
        (DIRECT, "a", 1, True),
        (DIRECT, "b", 1, False),
        (GROUP, "a", 1, True),
        (GROUP, "a", 2, False),
        (GROUP, "b", 1, True),
        (CHANNEL, "b", 1, True),
    ],
)
def test_message_is_deleted_by_its_sender_and_by_who_administers(
    world: World, chat_id: str, user_id: str, seq: int, allowed: bool
) -> None:
    """A direct chat has nobody above the other."""
    if not allowed:
        with pytest.raises(ChatError, match=r"^not_permitted"):
            world.change.delete(user_id, chat_id, seq)
    else:
        world.change.delete(user_id, chat_id, seq)
    assert (world.message(chat_id, seq).deleted_at is not UNSET) is allowed


ACTS: dict[str, Callable[[World, str, str, int], ChangedBody]] = {
    "edit": lambda world, user_id, chat_id, seq: world.change.edit(user_id, chat_id, seq, "other"),
    "delete": lambda world, user_id, chat_id, seq: world.change.delete(user_id, chat_id, seq),
    "react": lambda world, user_id, chat_id, seq: world.change.react(user_id, chat_id, seq, "👍"),
    "take back": lambda world, user_id, chat_id, seq: world.change.react(user_id, chat_id, seq, UNSET),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("chat_id", [DIRECT, GROUP, CHANNEL, "dm:c:d", "nonsense", f"{DIRECT}#changes"])
def test_chat_of_others_is_unknown(
    world: World, act: Callable[[World, str, str, int], ChangedBody], chat_id: str
) -> None:
    """As if there were none."""
    with pytest.raises(ChatError, match=r"^unknown_chat"):
        act(world, "c", chat_id, 1)
    assert world.changes.logs == {}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("seq", [0, 3])
def test_number_that_no_message_has_is_refused(
    world: World, act: Callable[[World, str, str, int], ChangedBody], seq: int
) -> None:
    """Whatever was to be done."""
    with pytest.raises(ChatError, match=r"^unknown_message"):
        act(world, "a", DIRECT, seq)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_message_from_before_one_joined_is_as_if_it_were_not_there(
    world: World, act: Callable[[World, str, str, int], ChangedBody]
) -> None:
    """Its number tells nothing."""
    world.chats.rosters[GROUP] = world.chats.rosters[GROUP].having("c", Place("admin", 1, 1))
    world.chats.members[GROUP].append("c")
    with pytest.raises(ChatError, match=r"^unknown_message"):
        act(world, "c", GROUP, 1)


def test_who_joined_later_is_told_of_the_number_and_not_of_the_message(world: World) -> None:
    """So what they hold of the changes has no gap, and nothing old is shown by being edited."""
    world.chats.rosters[GROUP] = world.chats.rosters[GROUP].having("c", Place("member", 1, 1))
    world.chats.members[GROUP].append("c")
    world.change.edit("a", GROUP, 1, "secret")
    world.change.react("b", GROUP, 2, "👍")
    assert [frame.change.message is UNSET for frame in world.told("c")] == [True, False]
    assert [frame.change.number for frame in world.told("c")] == [1, 2]
    assert [frame.change.message is UNSET for frame in world.told("b")] == [False, False]


def test_subscribers_of_a_channel_are_told_by_the_fan_out_function(world: World) -> None:
    """They are too many to list."""
    world.change.edit("b", CHANNEL, 2, "better", "b1")
    assert world.push.frames == {}
    assert len(world.queue.messages) == 1


@pytest.mark.parametrize("name", ["edit", "react"])
def test_blocked_member_can_neither_edit_nor_react(world: World, name: str) -> None:
    """Either would be a way around: what is blocked is writing."""
    world.chats.blocked.add(DIRECT)
    with pytest.raises(ChatError, match=r"^blocked"):
        ACTS[name](world, "a", DIRECT, 1)
    assert world.changes.logs == {}


def test_blocked_member_can_still_delete(world: World) -> None:
    """What one wrote can always be taken back."""
    world.chats.blocked.add(DIRECT)
    world.change.delete("a", DIRECT, 1)
    assert world.message().text == ""


@pytest.mark.parametrize("name", ["edit", "react"])
def test_deleted_message_is_neither_edited_nor_reacted_to(world: World, name: str) -> None:
    """It stays empty."""
    world.change.delete("a", DIRECT, 1)
    with pytest.raises(ChatError, match=r"^message_deleted"):
        ACTS[name](world, "a", DIRECT, 1)
    assert world.message().text == ""


@pytest.mark.parametrize("name", ["edit", "delete", "react"])
def test_repeated_change_is_answered_and_told_again_and_writes_nothing(world: World, name: str) -> None:
    """The first attempt may have ended before it was answered, or before its push."""
    first = ACTS[name](world, "a", DIRECT, 1)
    world.clock.time += 60
    assert ACTS[name](world, "a", DIRECT, 1) == first
    assert world.changes.puts == 1
    assert [frame.change for frame in world.told("b")] == [first.change] * 2


def test_repeated_change_names_who_made_the_message_what_it_is_now(world: World) -> None:
    """Not who repeats an older one."""
    world.change.edit("a", DIRECT, 1, "other")
    world.change.react("b", DIRECT, 1, "👍")
    repeated = world.change.edit("a", DIRECT, 1, "other").change
    assert (repeated.number, repeated.by, repeated.message) == (2, "b", world.message())


def test_change_of_nothing_on_an_untouched_message_has_number_0_and_is_told_nobody(world: World) -> None:
    """Taking back what was never there."""
    answered = world.change.react("a", DIRECT, 1, UNSET).change
    assert (answered.number, answered.message) == (0, world.message())
    assert (world.changes.puts, world.push.frames) == (0, {})


def test_reactions_to_one_message_are_bounded(world: World) -> None:
    """One more is refused; replacing and taking back go on."""
    full = {f"u{number}": "👍" for number in range(REACTION_LIMIT - 1)} | {"b": "👍"}
    world.messages.logs[DIRECT][1] = structs.replace(world.message(), reactions=full)
    with pytest.raises(ChatError, match=r"^too_many_reactions"):
        world.change.react("a", DIRECT, 1, "👍")
    world.change.react("b", DIRECT, 1, "🎉")
    world.change.react("b", DIRECT, 1, UNSET)
    world.change.react("a", DIRECT, 1, "👍")
    assert len(world.message().reactions or ()) == REACTION_LIMIT
