"""What is written in the chats that are not open in the terminal: kept for later, counted, announced."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import lines
from .lines import title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from .driver import ChatClient
    from .screens import Screen
    from .values import ChatSummary, Message


class Elsewhere:
    """The messages that wait for their chat to be opened."""

    def __init__(self, client: ChatClient, screen: Screen) -> None:
        """Tell on `screen` what `client` receives."""
        self._client = client
        self._screen = screen
        self._waiting: dict[str, list[Message]] = {}

    def keep(self, chat_id: str, message: Message) -> None:
        """Keep a message until its chat is opened."""
        self._waiting.setdefault(chat_id, []).append(message)

    def take(self, chat_id: str) -> list[Message]:
        """Give what waited in a chat, and keep it no longer."""
        return self._waiting.pop(chat_id, [])

    def announce(self, chat: ChatSummary, message: Message) -> None:
        """Tell of a mention, and where the chat is not muted of the first message that waits in it."""
        view = self._client.chat(chat.chat_id)
        muted_until = view.muted_until if view is not None else chat.muted_until
        if self._client.user_id in message.mentions:
            self._screen.show(lines.said(f"{title(chat)} mentions you: /chat {title(chat)}", "bold yellow"))
        elif len(self._waiting[chat.chat_id]) == 1 and not _is_future(muted_until):
            self._screen.show(lines.said(f"{title(chat)} has written: /chat {title(chat)}", "yellow"))

    def counts(self, chats: Iterable[ChatSummary]) -> list[Text]:
        """Return how much is unread in these chats."""
        counts: Counter[str] = Counter()
        for chat in chats:
            if (view := self._client.chat(chat.chat_id)) is not None:
                counts[title(chat)] += view.unread
        return lines.unread(counts)


def _is_future(time: datetime | None) -> bool:
    return time is not None and time > datetime.now(UTC)
