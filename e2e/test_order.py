"""One order: two who write at the same time see the same conversation, live, in history and in sync."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from e2e.support.parley import get_messages, sync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from e2e.support.devices import Device
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket

EACH = 200
"""Messages that each of the two sends."""


async def send_one_by_one(device: Device, chat_id: str, texts: list[str]) -> None:
    """Send each text when the one before is acked, as someone does who types."""
    for text in texts:
        await device.client.send(chat_id, text)


async def send_at_once(device: Device, chat_id: str, texts: list[str]) -> None:
    """Hand all texts to the client at once, as a bot does."""
    await asyncio.gather(*(device.client.send(chat_id, text) for text in texts))


@pytest.mark.parametrize("send", [send_one_by_one, send_at_once])
async def test_order_of_two_who_write_at_once_is_one_everywhere(
    parley: Parley, alice: Person, bob: Person, send: Callable[[Device, str, list[str]], Awaitable[None]]
) -> None:
    """200 messages from each side: the same order in both live views, in history, both ways, and in sync.

    The numbers have no hole, and each one's own messages stand in the order they were sent.
    """
    chat_id = await parley.direct_chat(alice, bob)
    her_texts, his_texts = ([f"{name} {number}" for number in range(EACH)] for name in ("alice", "bob"))
    async with parley.device(alice) as hers, parley.device(bob) as his:
        await asyncio.gather(send(hers, chat_id, her_texts), send(his, chat_id, his_texts))
        live = [await device.shows(chat_id, 2 * EACH, within=60) for device in (hers, his)]
    assert live[0] == live[1]
    assert [message.seq for message in live[0]] == list(range(1, 2 * EACH + 1))
    for person, texts in ((alice, her_texts), (bob, his_texts)):
        assert [message.text for message in live[0] if message.sender_id == person.user_id] == texts
    order = [(message.seq, message.id) for message in live[0]]
    assert [(message["seq"], message["id"]) for message in await parley.history(alice, chat_id)] == order
    async with parley.socket(bob) as socket:
        assert await read_all(socket, chat_id, history_page) == order
        assert await read_all(socket, chat_id, sync_page) == order


async def history_page(socket: Socket, chat_id: str, after: int) -> Frame:
    """Read a page of history over the socket."""
    return await socket.ask(get_messages(chat_id, after=after, limit=90))


async def sync_page(socket: Socket, chat_id: str, after: int) -> Frame:
    """Sync one chat; give its part of the answer."""
    answer = await socket.ask(sync(**{chat_id: after}))
    (part,) = answer["chats"]
    return dict(part)


async def read_all(
    socket: Socket, chat_id: str, page: Callable[[Socket, str, int], Awaitable[Frame]]
) -> list[tuple[int, str]]:
    """Read a whole chat page by page; give each message's number and id."""
    seen: list[tuple[int, str]] = []
    more = True
    while more:
        part = await page(socket, chat_id, seen[-1][0] if seen else 0)
        seen += [(message["seq"], message["id"]) for message in part["messages"]]
        more = part["hasMore"]
    return seen
