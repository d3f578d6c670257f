"""A connection that dies costs nothing: the client comes back by itself, shows all and sends all, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.faults import fault
from e2e.support.parley import send_message
from parley_client.events import ConnectionChanged, ConnectionState

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame

COUNT = 60
DROPS = (10, 25, 40, 50)
"""After how many messages shown to the reader a connection dies."""


async def test_reader_killed_mid_stream_is_shown_every_message_once(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Bob's connection dies four times while alice writes: he is shown 1, 2, 3, ... all the same."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers, parley.device(bob) as his:
        writing = asyncio.create_task(hers.write(chat_id, [f"message {number}" for number in range(COUNT)]))
        for reached in DROPS:
            await his.shows(chat_id, reached)
            his.client.drop()
        await writing
        shown = await his.shows(chat_id, COUNT)
        assert [message.text for message in shown] == [f"message {number}" for number in range(COUNT)]
        states = [event.state for event in his.of(ConnectionChanged)]
        assert ConnectionState.RECONNECTING in states


async def test_writer_killed_mid_stream_sends_every_message_once(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Alice's connection dies four times with frames on the way: each message is acked and stored once."""
    chat_id = await parley.direct_chat(alice, bob)
    texts = [f"message {number}" for number in range(COUNT)]
    async with parley.device(alice) as hers, parley.device(bob) as his:

        async def write() -> list[int]:
            return [(await hers.client.send(chat_id, text)).seq for text in texts]

        writing = asyncio.create_task(write())
        for reached in DROPS:
            await his.shows(chat_id, reached)
            hers.client.drop()
        assert await writing == list(range(1, COUNT + 1))
        shown = await his.shows(chat_id, COUNT)
    assert [message.text for message in shown] == texts
    assert [message["text"] for message in await parley.history(bob, chat_id)] == texts


@pytest.mark.embedded_only("only localcloud is slow on purpose")
async def test_message_sent_while_a_connection_opens_costs_it_no_later_push(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """A post to a connection that is registered but not open yet answers 410: what follows reaches bob.

    Bob's handshake is held back after $connect has registered it. He is pushed what was written after it.
    """
    chat_id = await parley.direct_chat(alice, bob)
    opened = asyncio.Event()

    async def first_push() -> Frame:
        async with parley.socket(bob) as his:
            opened.set()
            return await his.first(lambda frame: frame["type"] == "message")

    async with parley.socket(alice) as hers, asyncio.TaskGroup() as tasks:
        with faults.on(fault("execute-api", "Connect", "delay", delayMs=1_000, count=1)):
            pushed = tasks.create_task(first_push())
            await eventually(lambda: account.connections(bob.user_id))
            assert (await hers.ask(send_message(chat_id, 0, "meanwhile")))["type"] == "ack"
            assert not opened.is_set()
        await opened.wait()
        assert (await hers.ask(send_message(chat_id, 1, "after it")))["type"] == "ack"
    assert pushed.result()["message"]["text"] == "after it"
