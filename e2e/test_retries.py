"""A message id appears once in a chat, however often and from wherever its send is repeated."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from e2e.support.parley import get_messages, send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person


async def test_send_repeated_from_another_connection_makes_no_second_message(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """The frame of a connection that died before its ack, sent again from the next one, is one message."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "once")
    async with parley.socket(bob) as reader:
        async with parley.socket(alice) as first:
            await first.send(frame)
            await reader.first(lambda seen: seen["type"] == "message")
            first.kill()
        async with parley.socket(alice) as second:
            again = await second.ask(frame)
            history = await second.ask(get_messages(chat_id, after=0, limit=10))
    assert [(message["id"], message["seq"]) for message in again["messages"]] == [
        (frame["messages"][0]["id"], 1)
    ]
    assert [message["id"] for message in history["messages"]] == [frame["messages"][0]["id"]]


async def test_send_repeated_after_others_wrote_keeps_its_number(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A late repeat is acked with the number and time that the message already has."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "mine")
    async with parley.socket(alice) as mine, parley.socket(bob) as other:
        first = await mine.ask(frame)
        await other.ask(send_message(chat_id, 1, "yours", "and more"))
        again = await mine.ask(frame | {"requestId": "again"})
    assert again["messages"] == first["messages"]


async def test_send_raced_by_its_own_repeats_makes_one_message(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """The same frame on five connections at one moment: all acks name the same numbers."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "one", "two")
    async with AsyncExitStack() as opened:
        sockets = [await opened.enter_async_context(parley.socket(alice)) for _ in range(5)]
        acks = await asyncio.gather(*(socket.ask(frame) for socket in sockets))
    assert [ack["type"] for ack in acks] == ["ack"] * 5, acks
    assert all(ack["messages"] == acks[0]["messages"] for ack in acks)
    assert [message["text"] for message in await parley.history(bob, chat_id)] == ["one", "two"]


async def test_send_over_rest_repeats_one_over_the_socket(parley: Parley, alice: Person, bob: Person) -> None:
    """An id sent by socket and again by REST is one message."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "once")
    async with parley.socket(alice) as socket:
        ack = await socket.ask(frame)
    again = await parley.rest.post(
        f"/chats/{chat_id}/messages",
        headers=alice.authorization,
        json={"after": 0, "messages": frame["messages"]},
    )
    assert again.json()["messages"] == ack["messages"]
    assert len(await parley.history(bob, chat_id)) == 1


async def test_send_with_the_id_of_anothers_message_is_refused(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """An id is its first sender's: who uses it too is told so, and nothing changes."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "mine")
    async with parley.socket(alice) as hers, parley.socket(bob) as his:
        await hers.ask(frame)
        stolen = frame | {"requestId": "stolen", "messages": [frame["messages"][0] | {"text": "no, mine"}]}
        answer = await his.ask(stolen)
    assert (answer["type"], answer["code"]) == ("error", "id_taken")
    history = await parley.history(bob, chat_id)
    assert [(message["senderId"], message["text"]) for message in history] == [(alice.user_id, "mine")]


async def test_send_after_an_old_message_is_acked_with_what_was_missed(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Who sends without having seen the newest is told what came in between, and stands after it."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as hers, parley.socket(bob) as his:
        await hers.ask(send_message(chat_id, 0, "one", "two"))
        ack = await his.ask(send_message(chat_id, 0, "three"))
    assert [message["text"] for message in ack["missed"]] == ["one", "two"]
    assert [message["seq"] for message in ack["messages"]] == [3]


async def test_send_after_a_message_older_than_a_page_wants_a_sync_first(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Where too much came in between to look for a repeat, nothing is written until the sender has synced."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as hers, parley.socket(bob) as his:
        for held in range(0, 125, 25):
            await hers.ask(send_message(chat_id, held, *["text"] * 25))
        refused = await his.ask(send_message(chat_id, 0, "late"))
        assert (refused["type"], refused["code"]) == ("error", "sync_required")
        accepted = await his.ask(send_message(chat_id, 125, "in time"))
    assert [message["seq"] for message in accepted["messages"]] == [126]
    assert "late" not in [message["text"] for message in await parley.history(alice, chat_id)]
