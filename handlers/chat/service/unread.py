"""Counts what a user has not read, in all of the user's chats at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import PAGE_LIMIT, SEQ_MAX
from chat.protocol.http_receipts import Unread, UnreadBody
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from chat.ports.chats import Chats, Watermarks
    from chat.ports.messages import Messages


class UnreadCounts:
    """Exact counts: a chat's last number less what the user has read or may not see."""

    def __init__(self, chats: Chats, messages: Messages) -> None:
        """Ask `chats` which they are and how far the user has got, `messages` how far they go."""
        self._chats = chats
        self._messages = messages

    def __call__(self, user_id: str) -> UnreadBody:
        """Count in every chat of the user, in the order of their ids."""
        marks: dict[str, Watermarks] = {}
        for chat_ids in self._pages(user_id):
            standings = self._chats.standings(user_id, chat_ids)
            marks |= {chat_id: standing.watermarks for chat_id, standing in standings.items()}
        chats = sorted(marks)
        counts = [
            Unread(chat_id, last, marks[chat_id].read_seq, marks[chat_id].unread(last))
            for chat_id, last in zip(chats, each(self._last_seq, chats), strict=True)
        ]
        return UnreadBody(total=sum(count.unread for count in counts), chats=counts)

    def _pages(self, user_id: str) -> Iterator[Collection[str]]:
        """The ids of the user's chats; none of an empty page."""
        after: str | None = None
        while True:
            page = self._chats.of_user(user_id, after, PAGE_LIMIT)
            if page.standings:
                yield page.chat_ids
            if (after := page.next) is None:
                return

    def _last_seq(self, chat_id: str) -> int:
        newest = self._messages.before(chat_id, SEQ_MAX + 1, 1).messages
        return newest[0].seq if newest else 0
