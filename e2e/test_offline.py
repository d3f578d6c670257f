"""Offline is normal: who was away gets every message on return, in order, before anything newer is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person

BACKLOG = [f"while away {number}" for number in range(50)]
NEWER = [f"newer {number}" for number in range(10)]


async def test_messages_to_who_was_away_are_shown_in_order_before_anything_newer(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Bob leaves after 2 messages, misses 50, and returns while alice writes on: he is shown 3, 4, 5, ..."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers:
        async with parley.device(bob) as his:
            await hers.write(chat_id, ["before", "also before"])
            await his.shows(chat_id, 2)
        await hers.write(chat_id, BACKLOG)
        writing_on = asyncio.create_task(hers.write(chat_id, NEWER))
        async with parley.device(bob, cursors={chat_id: 2}) as returned:
            shown = await returned.shows(chat_id, len(BACKLOG + NEWER))
        await writing_on
    assert [message.text for message in shown] == BACKLOG + NEWER
    assert [message.seq for message in shown] == list(range(3, 3 + len(shown)))


async def test_messages_to_who_never_connected_are_there_at_the_first_connection(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Bob has never opened the application: it shows him a chat he never heard of, from its first message."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers:
        await hers.write(chat_id, BACKLOG)
    async with parley.device(bob) as his:
        assert [message.text for message in await his.shows(chat_id, len(BACKLOG))] == BACKLOG


async def test_messages_of_a_chat_longer_than_a_page_are_all_shown_on_return(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A backlog of several pages, by number of messages and by bytes, is shown without a hole."""
    chat_id = await parley.direct_chat(alice, bob)
    texts = [f"{number} ".ljust(3_000, ".") for number in range(120)]
    async with parley.device(alice) as hers:
        await asyncio.gather(*(hers.client.send(chat_id, text) for text in texts))
    async with parley.device(bob) as his:
        assert [message.text for message in await his.shows(chat_id, len(texts))] == texts
