"""The chats that a person has in the terminal: by id, by what they are called, and which of them is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .lines import title

if TYPE_CHECKING:
    from .driver import ChatClient
    from .people import People
    from .values import ChatSummary


class KnownChats:
    """What was last told of each chat."""

    def __init__(self, client: ChatClient, people: People) -> None:
        """Know none yet; whoever is met in one is told to `people`."""
        self._client = client
        self._people = people
        self._chats: dict[str, ChatSummary] = {}
        self._open_id = ""

    @property
    def open(self) -> ChatSummary | None:
        """The chat that the person is in."""
        return self._chats.get(self._open_id)

    def enter(self, chat: ChatSummary) -> None:
        """Have the person be in this chat."""
        self._open_id = self.know(chat).chat_id

    def is_open(self, chat_id: str) -> bool:
        """Whether the person is in this chat."""
        return chat_id == self._open_id

    def others(self) -> list[ChatSummary]:
        """Return the chats that are not open."""
        return [chat for chat_id, chat in self._chats.items() if chat_id != self._open_id]

    def get(self, chat_id: str) -> ChatSummary | None:
        """Return a chat."""
        return self._chats.get(chat_id)

    def called(self, name: str) -> ChatSummary | None:
        """Return the chat of this name."""
        return next((chat for chat in self._chats.values() if title(chat) == name), None)

    def title_of(self, chat_id: str) -> str:
        """Return what a chat is called."""
        return title(self._chats[chat_id]) if chat_id in self._chats else chat_id

    def know(self, chat: ChatSummary) -> ChatSummary:
        """Take in what is told of a chat, and give it back."""
        self._chats[chat.chat_id] = chat
        if chat.other_member is not None:
            self._people.know(chat.other_member)
        return chat

    async def learn(self) -> list[ChatSummary]:
        """Ask for all chats and return them."""
        return [self.know(chat) for chat in await self._client.chats()]

    def rename(self, chat_id: str, name: str) -> None:
        """Call a chat something else."""
        if (chat := self._chats.get(chat_id)) is not None:
            self.know(msgspec.structs.replace(chat, name=name))

    def forget(self, chat_id: str) -> None:
        """Know a chat no more, and be in it no more."""
        self._chats.pop(chat_id, None)
        if self.is_open(chat_id):
            self._open_id = ""
