"""Replies and mentions: of messages and members of the chat, and of nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.groups import open_channel, open_group
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


def referring(chat_id: str, after: int, text: str, **references: object) -> Frame:
    """Make a sendMessage frame whose one message refers to others or to members."""
    frame = send_message(chat_id, after, text)
    frame["messages"][0] |= references
    return frame


@pytest.fixture
async def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Open a chat of alice and bob with one message of alice's."""
    return await parley.conversation(alice, bob, "tea?")


async def test_reply_and_mention_are_seen_live_and_in_history(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """As they were sent."""
    async with parley.socket(alice) as asker, parley.socket(bob) as socket:
        frame = referring(chat_id, 1, "yes", replyTo=1, mentions=[alice.user_id])
        assert (await socket.ask(frame))["type"] == "ack"
        pushed = (await asker.first(lambda seen: seen["type"] == "message"))["message"]
    assert (pushed["replyTo"], pushed["mentions"]) == (1, [alice.user_id])
    assert (await parley.history(alice, chat_id))[1] == pushed


async def test_reply_over_http_is_what_it_is_by_frame(parley: Parley, bob: Person, chat_id: str) -> None:
    """Taken and refused alike."""

    async def status(reply_to: int) -> int:
        body = {"after": 1, "messages": referring(chat_id, 1, "yes", replyTo=reply_to)["messages"]}
        path = f"/chats/{chat_id}/messages"
        return (await parley.rest.post(path, headers=bob.authorization, json=body)).status_code

    assert await status(9) == 404
    assert await status(1) == 200
    assert [message.get("replyTo") for message in await parley.history(bob, chat_id)] == [None, 1]


@pytest.mark.parametrize(
    ("references", "code"),
    [
        ({"replyTo": 2}, "unknown_message"),
        ({"replyTo": 0}, "bad_request"),
        ({"mentions": ["nobody-here"]}, "unknown_member"),
        ({"mentions": []}, "bad_request"),
    ],
    ids=str,
)
async def test_reference_to_nothing_is_refused_and_nothing_is_sent(
    parley: Parley, bob: Person, chat_id: str, references: Frame, code: str
) -> None:
    """The whole frame."""
    async with parley.socket(bob) as socket:
        assert (await socket.ask(referring(chat_id, 1, "yes", **references)))["code"] == code
    assert len(await parley.history(bob, chat_id)) == 1


async def test_outsider_is_not_mentioned(parley: Parley, bob: Person, mallory: Person, chat_id: str) -> None:
    """Who exists and is not a member is refused as who does not exist."""
    async with parley.socket(bob) as socket:
        answer = await socket.ask(referring(chat_id, 1, "psst", mentions=[mallory.user_id]))
        assert answer["code"] == "unknown_member"


async def test_members_of_a_group_mention_each_other_and_nobody_who_was_removed(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """At once."""
    group = await open_group(parley, alice, bob, carol)
    async with parley.socket(bob) as socket:
        named = [alice.user_id, carol.user_id]
        assert (await socket.ask(referring(group.chat_id, 0, "you two", mentions=named)))["type"] == "ack"
        assert (await group.remove(alice, carol)).status_code == 200
        refused = await socket.ask(referring(group.chat_id, 1, "carol?", mentions=[carol.user_id]))
        assert refused["code"] == "unknown_member"


async def test_who_joined_later_does_not_reply_to_what_they_are_not_shown(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Its number says nothing to them."""
    group = await open_group(parley, alice, carol, history="joining")
    await parley.rest.get("/users/me", headers=bob.authorization)
    async with parley.socket(alice) as owner:
        await owner.ask(send_message(group.chat_id, 0, "before bob"))
    assert (await group.add(alice, bob)).status_code == 201
    async with parley.socket(bob) as late:
        assert (await late.ask(referring(group.chat_id, 1, "what?", replyTo=1)))["code"] == "unknown_message"


async def test_owner_of_a_channel_mentions_subscribers_alone(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """They are listed nowhere, and looked up."""
    channel = await open_channel(parley, alice, "news")
    joined = await channel.add(bob, bob)
    assert joined.status_code in (200, 201), joined.text
    async with parley.socket(alice) as socket:
        assert (await socket.ask(referring(channel.chat_id, 0, "hi", mentions=[bob.user_id])))[
            "type"
        ] == "ack"
        refused = await socket.ask(referring(channel.chat_id, 1, "hi", mentions=[mallory.user_id]))
        assert refused["code"] == "unknown_member"
