"""Replies and mentions: only of messages and members of the chat, and with as few reads as it takes."""

from __future__ import annotations

import json

import msgspec
import pytest

from chat.append import Append, Draft
from chat.domain import MENTION_LIMIT
from chat.errors import ChatError
from chat.roster import Place, Roster
from chat.service.membership import Admission, KnownChats
from chat.service.references import References
from tests.handlers.support.fakes.chats import FakeChats
from tests.handlers.support.fakes.clock import START
from tests.handlers.support.fakes.messages import FakeMessages

DIRECT = "dm:a:b"
CHANNEL = "c:01JD0000000000000000000000"
ID = "01JD5ZCV7M3V8Q6N1T9RZK4W2E"
MEMBER = Admission("member", 0, ["a", "b"])


class World:
    """A direct chat with five messages, and a channel with 150 subscribers."""

    def __init__(self) -> None:
        messages = FakeMessages()
        messages.write(DIRECT, "a", *"12345")
        self.chats = FakeChats(messages)
        self.chats.members[DIRECT] = ["a", "b"]
        self.chats.create(
            Roster(
                chat_id=CHANNEL,
                kind="channel",
                name="n",
                history="start",
                created_by="a",
                created_at="t",
                places={"a": Place("owner", 0, 0)},
            )
        )
        self.chats.members[CHANNEL] += [f"u{number}" for number in range(150)]
        self.known = KnownChats()
        self.references = References(self.chats, self.known)


@pytest.fixture
def world() -> World:
    """Anew for each test."""
    return World()


@pytest.mark.parametrize(("after", "reply_to", "reads"), [(5, 5, 0), (5, 1, 0), (3, 5, 1)])
def test_reply_to_a_message_of_the_chat_is_let_through(
    world: World, after: int, reply_to: int, reads: int
) -> None:
    """Up to `after` without a read; further up with one."""
    world.references.require(DIRECT, MEMBER, after, [Draft(ID, "yes", reply_to=reply_to)])
    assert world.chats.reads == reads


def test_reply_up_to_what_the_environment_has_seen_costs_no_read(world: World) -> None:
    """Numbers never vanish, and what was read once is known."""
    drafts = [Draft(ID, "yes", reply_to=4)]
    world.references.require(DIRECT, MEMBER, 0, drafts)
    world.references.require(DIRECT, MEMBER, 0, drafts)
    assert world.chats.reads == 1


def test_reply_to_a_message_that_is_not_there_is_refused(world: World) -> None:
    """One draft of the frame is enough."""
    with pytest.raises(ChatError, match=r"^unknown_message"):
        world.references.require(
            DIRECT, MEMBER, 5, [Draft(ID, "yes", reply_to=5), Draft(ID, "no", reply_to=6)]
        )


def test_reply_to_a_message_from_before_one_joined_is_refused(world: World) -> None:
    """As if it were not there."""
    late = Admission("member", 3, ["a", "b"])
    world.references.require(DIRECT, late, 5, [Draft(ID, "yes", reply_to=4)])
    with pytest.raises(ChatError, match=r"^unknown_message"):
        world.references.require(DIRECT, late, 5, [Draft(ID, "no", reply_to=3)])


def test_mention_of_a_listed_member_costs_no_read(world: World) -> None:
    """The admission has them."""
    world.references.require(DIRECT, MEMBER, 5, [Draft(ID, "b!", mentions=["b", "a"])])
    assert world.chats.reads == 0


def test_mention_of_a_stranger_is_refused(world: World) -> None:
    """Beside a member too."""
    with pytest.raises(ChatError, match=r"^unknown_member"):
        world.references.require(DIRECT, MEMBER, 5, [Draft(ID, "c!", mentions=["b", "c"])])


def test_mentions_of_a_channels_subscribers_are_looked_up_by_the_hundred(world: World) -> None:
    """They are listed nowhere."""
    users = [f"u{number}" for number in range(120)]
    drafts = [Draft(ID, "you", mentions=users[start : start + 20]) for start in range(0, 120, 20)]
    owner = Admission("owner", 0, ["a"])
    world.references.require(CHANNEL, owner, 0, drafts)
    assert world.chats.reads == 2
    with pytest.raises(ChatError, match=r"^unknown_member"):
        world.references.require(CHANNEL, owner, 0, [*drafts, Draft(ID, "you", mentions=["stranger"])])


def test_message_has_what_its_draft_refers_to() -> None:
    """Everyone sees it."""
    append = Append("a", 5, [Draft(ID, "yes", reply_to=2, mentions=["b"])])
    assert append.draft
    message = append.propose(append.draft, START)
    assert (message.reply_to, message.mentions) == (2, ["b"])


@pytest.mark.parametrize(
    "reference",
    [
        '"replyTo":0',
        '"replyTo":-1',
        '"replyTo":"2"',
        '"replyTo":9007199254740992',
        '"mentions":[]',
        '"mentions":["b","b"]',
        '"mentions":["b b"]',
        '"mentions":"b"',
        '"mentions":' + json.dumps([f"u{number}" for number in range(MENTION_LIMIT + 1)]),
    ],
)
def test_malformed_reference_does_not_fit_the_protocol(reference: str) -> None:
    """At the boundary, before any read."""
    draft = f'{{"id":"{ID}","text":"x",{reference}}}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(draft, type=Draft)
