"""After a run, reads every chat's whole history back from the service, for the verdict to compare.

What all devices saw live can still be missing from what is kept: only who comes back later would notice.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from parley_client.errors import ParleyError

from .history import Stored, StoredAll, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parley_client.bodies import Page

    from .history import History

_AT_ONCE: Final = 8
_PAGE: Final = 100


class Pages(Protocol):
    """One member's way to a chat's history; `parley_client.api.Api` is one."""

    async def messages(self, chat_id: str, *, after: int, limit: int) -> Page:
        """Return the messages that follow `after`.

        Raises:
            ParleyError: the service refuses, or does not answer.
        """


async def read_back(chats: Mapping[str, Pages], history: History) -> Mapping[str, ParleyError]:
    """Record the history of each chat, through one of its members.

    Returns:
        The chats that cannot be read to their ends, and why. The others are read all the same.
    """
    slots = asyncio.Semaphore(_AT_ONCE)
    unread: dict[str, ParleyError] = {}

    async def read(chat_id: str, pages: Pages) -> None:
        async with slots:
            try:
                await _read(chat_id, pages, history)
            except ParleyError as fault:
                unread[chat_id] = fault

    await asyncio.gather(*(read(chat_id, pages) for chat_id, pages in chats.items()))
    return unread


async def _read(chat_id: str, pages: Pages, history: History) -> None:
    began, after = now(), 0
    while True:
        page = await pages.messages(chat_id, after=after, limit=_PAGE)
        for message in page.messages:
            history.write(
                Stored(chat_id=chat_id, id=message.id, seq=message.seq, sender_id=message.sender_id)
            )
            after = max(after, message.seq)
        if not page.has_more:
            history.write(StoredAll(chat_id=chat_id, since=began))
            return
