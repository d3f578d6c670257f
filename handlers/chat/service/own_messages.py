"""Finds all that a user has written: in the chats the user is in, and in those that the user has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import PAGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.domain import Message
    from chat.ports.chats import Chats, FormerChats
    from chat.ports.messages import Messages


def chats_of(user_id: str, chats: Chats, former: FormerChats) -> Iterator[str]:
    """All chats that the user is or was in, each once."""
    seen: set[str] = set()
    for chat_id in (*_listed(user_id, chats), *_left(user_id, former)):
        if chat_id not in seen:
            seen.add(chat_id)
            yield chat_id


def own_messages(user_id: str, chat_id: str, messages: Messages) -> Iterator[Message]:
    """The user's messages in a chat, ascending: reads the chat from its beginning to its end."""
    seq, more = 0, True
    while more:
        page = messages.after(chat_id, seq, PAGE_LIMIT)
        yield from (message for message in page.messages if message.sender_id == user_id)
        seq = page.messages[-1].seq if page.messages else seq
        more = page.has_more


def _listed(user_id: str, chats: Chats) -> Iterator[str]:
    after: str | None = None
    while True:
        page = chats.of_user(user_id, after, PAGE_LIMIT)
        yield from page.chat_ids
        if page.next is None:
            return
        after = page.next


def _left(user_id: str, former: FormerChats) -> Iterator[str]:
    after: str | None = None
    while chat_ids := former.of_user(user_id, after, PAGE_LIMIT):
        yield from chat_ids
        after = chat_ids[-1]
