"""Catches a client up: what several chats hold above the numbers that the client holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import PAGE_BYTES, PAGE_LIMIT, leading
from chat.protocol.server_frames import MessagesBody
from chat.service.parallel import WORKERS, each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.domain import Page
    from chat.ports import Messages
    from chat.service.membership import Membership


class CatchUp:
    """Gives members what follows in each of their chats, as much as fits into one answer."""

    def __init__(self, membership: Membership, messages: Messages) -> None:
        """Read `messages` for those whom `membership` lets in."""
        self._membership = membership
        self._messages = messages

    def __call__(self, user_id: str, chats: Mapping[str, int]) -> list[MessagesBody]:
        """Give, per chat in the order asked, what follows the number given.

        Once the answer is full, the chats that remain are not read: they come empty and with `hasMore`.

        Raises:
            ChatError: `unknown_chat`, naming the chat.
        """
        visible_after = self._membership.require_all(user_id, chats)
        cursors = [(chat_id, max(seq, visible_after[chat_id])) for chat_id, seq in chats.items()]
        answer: list[MessagesBody] = []
        budget = PAGE_BYTES
        for start in range(0, len(cursors), WORKERS):
            group = cursors[start : start + WORKERS]
            pages = each(self._read, group) if budget > 0 else [None] * len(group)
            for (chat_id, _), page in zip(group, pages, strict=True):
                body, budget = _fill(chat_id, page, budget)
                answer.append(body)
        return answer

    def _read(self, cursor: tuple[str, int]) -> Page:
        chat_id, seq = cursor
        return self._messages.after(chat_id, seq, PAGE_LIMIT)


def _fill(chat_id: str, page: Page | None, budget: int) -> tuple[MessagesBody, int]:
    """Give what fits of a chat's page (None when it was not read), and what is left of the budget."""
    if page is None:
        return MessagesBody(chat_id=chat_id, messages=(), has_more=True), budget
    if not page.messages:
        return MessagesBody(chat_id=chat_id, messages=(), has_more=page.has_more), budget
    if budget <= 0:
        return MessagesBody(chat_id=chat_id, messages=(), has_more=True), budget
    messages, left = leading(page.messages, budget)
    if len(messages) < len(page.messages):
        left = 0  # full: a later chat's small message must not take what this one was refused
    return MessagesBody(
        chat_id=chat_id, messages=messages, has_more=page.has_more or len(messages) < len(page.messages)
    ), left
