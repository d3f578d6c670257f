"""A connection that dies costs nothing: the client comes back by itself, shows all and sends all, once."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from parley_client.events import ConnectionChanged, ConnectionState

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person

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


async def test_connection_opened_while_others_write_is_told_of_what_follows(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A push to a connection that is still in its $connect gets 410: it must not cost bob what follows."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers:
        writing = asyncio.create_task(hers.write(chat_id, map(str, itertools.count(1))))
        try:
            for _ in range(10):
                async with parley.device(bob) as his:
                    shown = await his.shows(chat_id, len(his.shown(chat_id)) + 10)
                    assert [message.text for message in shown] == [str(message.seq) for message in shown]
        finally:
            writing.cancel()
