"""Which messages of each chat the terminal has shown, and how it shows more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .driver import ChatClient
    from .people import People
    from .screens import Screen
    from .values import ChatSummary, Message

PAGE = 20
"""Messages shown of a chat that is opened, and by each /history."""


class Shown:
    """The messages on the screen."""

    def __init__(self, client: ChatClient, screen: Screen, people: People) -> None:
        """Show messages that `client` fetches on `screen`."""
        self._client = client
        self._screen = screen
        self._people = people
        self._first: dict[str, int] = {}
        """The first number shown of each chat."""

    def forget(self, chat_id: str) -> None:
        """Nothing that was shown of a chat counts any more."""
        self._first.pop(chat_id, None)

    async def open(self, chat: ChatSummary, first: int) -> None:
        """Show what was said before message `first`, unless some of the chat was shown already."""
        if first > 1 and chat.chat_id not in self._first:
            page = await self._client.history(chat.chat_id, before=first, limit=PAGE)
            await self.messages(chat, page.messages)

    async def earlier(self, chat: ChatSummary) -> None:
        """Show what was said before what is shown."""
        held = self._client.snapshot().cursors.get(chat.chat_id, 0)
        first = self._first.get(chat.chat_id, held + 1)
        if first <= 1:
            self._say("--- this is the beginning")
            return
        page = await self._client.history(chat.chat_id, before=first, limit=PAGE)
        self._say("--- earlier" if page.has_more else "--- from the beginning")
        await self.messages(chat, page.messages)
        self._say(f"--- up to {first - 1}")

    async def around(self, chat: ChatSummary, number: int) -> None:
        """Show what was said around a message."""
        page = await self._client.history(chat.chat_id, around=number, limit=PAGE)
        self._say(f"--- around {number}")
        await self._show(chat, page.messages)
        self._say("--- back to what is said now")

    async def messages(self, chat: ChatSummary, messages: Iterable[Message]) -> None:
        """Show messages that follow, or precede, what is shown."""
        messages = list(messages)
        if messages:
            first = messages[0].seq
            self._first[chat.chat_id] = min(self._first.get(chat.chat_id, first), first)
        await self._show(chat, messages)

    async def _show(self, chat: ChatSummary, messages: Iterable[Message]) -> None:
        messages = list(messages)
        if chat.other_member is None:
            await self._people.learn({message.sender_id for message in messages})
        for message in messages:
            own = message.sender_id == self._client.user_id
            self._screen.show(lines.message(message, self._people.name(message.sender_id), own=own))

    def _say(self, text: str) -> None:
        self._screen.show(lines.said(text, "dim"))
