"""Reactions: one a member and message, replaced and taken back, for members alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from e2e.support.changes import react, request_deletion, request_reaction, sync_changes
from e2e.support.groups import open_group
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person


@pytest.fixture
async def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Open a chat of alice and bob with one message of alice's."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_message(chat_id, 0, "news")))["type"] == "ack"
    return chat_id


async def reactions(parley: Parley, person: Person, chat_id: str) -> dict[str, str]:
    """Give the reactions to a chat's first message, as history has them."""
    return dict((await parley.history(person, chat_id))[0].get("reactions", {}))


async def test_reaction_is_set_replaced_and_taken_back(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """By frame and by request alike, and the other sees each."""
    async with parley.socket(alice) as author, parley.socket(bob) as reader:
        await reader.ask(react(chat_id, 1, "👍"))
        assert await reactions(parley, alice, chat_id) == {bob.user_id: "👍"}
        assert (await request_reaction(parley, bob, chat_id, 1, "🎉")).status_code == 200
        await author.ask(react(chat_id, 1, "❤️"))
        assert await reactions(parley, bob, chat_id) == {bob.user_id: "🎉", alice.user_id: "❤️"}
        await reader.ask(react(chat_id, 1))
        assert (await request_reaction(parley, alice, chat_id, 1, None)).status_code == 200
        assert await reactions(parley, bob, chat_id) == {}
        await author.until(
            lambda seen: [f["change"]["number"] for f in seen.frames if "change" in f][-1:] == [5]
        )
    assert [message["text"] for message in await parley.history(bob, chat_id)] == ["news"]


async def test_reactions_of_a_whole_group_at_once_are_all_kept(
    parley: Parley, alice: Person, people: People
) -> None:
    """Nobody's is lost to another's; who was away gets the message once, with all of them."""
    members = [people.join(f"member{number}") for number in range(5)]
    group = await open_group(parley, alice, *members)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(group.chat_id, 0, "who comes?"))
    answered = await asyncio.gather(
        *(request_reaction(parley, person, group.chat_id, 1, "🙋") for person in members)
    )
    assert [response.status_code for response in answered] == [200] * len(members)
    everyone = {person.user_id: "🙋" for person in members}
    assert await reactions(parley, alice, group.chat_id) == everyone
    numbers = sorted(int(response.json()["change"]["number"]) for response in answered)
    assert numbers == list(range(numbers[0], numbers[0] + len(members)))
    async with parley.socket(alice) as returned:
        (chat,) = (await returned.ask(sync_changes(group.chat_id, 1, numbers[0] - 1)))["chats"]
        shown = [change["message"] for change in chat["changes"] if "message" in change]
        assert [message["reactions"] for message in shown] == [everyone]


async def test_reaction_to_what_is_not_there_is_refused(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """No such number, or deleted."""
    async with parley.socket(bob) as socket:
        assert (await socket.ask(react(chat_id, 2, "👍")))["code"] == "unknown_message"
        assert (await request_deletion(parley, alice, chat_id, 1)).status_code == 200
        assert (await socket.ask(react(chat_id, 1, "👍")))["code"] == "message_deleted"
    assert (await request_reaction(parley, bob, chat_id, 1, "👍")).status_code == 409
    assert await reactions(parley, bob, chat_id) == {}


async def test_who_is_blocked_does_not_react(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """It would be a way to be heard."""
    block = await parley.rest.put(f"/users/me/blocks/{bob.user_id}", headers=alice.authorization)
    assert block.status_code == 200, block.text
    refused = await request_reaction(parley, bob, chat_id, 1, "👍")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")
    assert await reactions(parley, alice, chat_id) == {}


async def test_outsider_neither_reacts_nor_hears_of_reactions(
    parley: Parley, bob: Person, mallory: Person, chat_id: str
) -> None:
    """As if there were no chat."""
    async with parley.socket(mallory) as outsider, parley.socket(bob) as member:
        refused = await outsider.ask(react(chat_id, 1, "👎"))
        assert refused["code"] == "unknown_chat"
        await member.ask(react(chat_id, 1, "👍"))
        assert (await request_reaction(parley, mallory, chat_id, 1, "👎")).status_code == 404
        assert (await outsider.ask(sync_changes(chat_id, 0, 0)))["code"] == "unknown_chat"
        assert {frame["type"] for frame in outsider.frames} == {"error"}
    assert await reactions(parley, bob, chat_id) == {bob.user_id: "👍"}
