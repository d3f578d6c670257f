"""Catches a client up: the messages and changes of several chats above the numbers that the client holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from chat.changes import ChangePage, settled, shown
from chat.domain import PAGE_BYTES, PAGE_LIMIT, leading
from chat.protocol.server_frames import SyncedChat
from chat.service.parallel import WORKERS, each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat.domain import Page
    from chat.ports.changes import Changes
    from chat.ports.messages import Messages
    from chat.service.membership import Membership

_Value = TypeVar("_Value", bound=msgspec.Struct)


class _Cursor(NamedTuple):
    """From where one chat is read."""

    chat_id: str
    seq: int
    change: int | UnsetType
    visible_after: int


class _Found(NamedTuple):
    """What follows in one chat; no changes where none were asked for."""

    messages: Page
    changes: ChangePage | UnsetType


class CatchUp:
    """Gives members what follows in each of their chats, as much as fits into one answer."""

    def __init__(self, membership: Membership, messages: Messages, changes: Changes) -> None:
        """Read `messages` and `changes` for those whom `membership` lets in."""
        self._membership = membership
        self._messages = messages
        self._changes = changes

    def __call__(
        self, user_id: str, chats: Mapping[str, int], changes: Mapping[str, int]
    ) -> list[SyncedChat]:
        """Give, per chat in the order asked, what follows the numbers given.

        Once the answer is full, the chats that remain are not read: they come empty and with `hasMore`.

        Args:
            user_id: who asks.
            chats: the last message held, by chat id.
            changes: the last change held, of those of the chats whose changes are asked for.

        Raises:
            ChatError: `unknown_chat`, naming the chat.
        """
        visible_after = self._membership.require_all(user_id, chats)
        cursors = [
            _Cursor(chat_id, seq, changes.get(chat_id, UNSET), visible_after[chat_id])
            for chat_id, seq in chats.items()
        ]
        answer: list[SyncedChat] = []
        budget = PAGE_BYTES
        for start in range(0, len(cursors), WORKERS):
            group = cursors[start : start + WORKERS]
            pages = each(self._read, group) if budget > 0 else [None] * len(group)
            for cursor, found in zip(group, pages, strict=True):
                body, budget = _fill(cursor, found, budget)
                answer.append(body)
        return answer

    def _read(self, cursor: _Cursor) -> _Found:
        seq = max(cursor.seq, cursor.visible_after)
        messages = self._messages.after(cursor.chat_id, seq, PAGE_LIMIT)
        if cursor.change is UNSET:
            return _Found(messages, UNSET)
        changes = settled(self._changes.after(cursor.chat_id, cursor.change, PAGE_LIMIT))
        return _Found(messages, shown(changes, cursor.visible_after))


def _fill(cursor: _Cursor, found: _Found | None, budget: int) -> tuple[SyncedChat, int]:
    """Give what fits of what was found in a chat (None: it was not read), and what is left of the budget."""
    asked = cursor.change is not UNSET
    if found is None:
        return SyncedChat(
            chat_id=cursor.chat_id, messages=(), changes=() if asked else UNSET, has_more=True
        ), budget
    messages, budget = _take(found.messages.messages, budget)
    more = found.messages.has_more or len(messages) < len(found.messages.messages)
    if found.changes is UNSET:
        return SyncedChat(chat_id=cursor.chat_id, messages=messages, has_more=more), budget
    changes, budget = _take(found.changes.changes, budget)
    more |= found.changes.has_more or len(changes) < len(found.changes.changes)
    return SyncedChat(chat_id=cursor.chat_id, messages=messages, changes=changes, has_more=more), budget


def _take(values: Sequence[_Value], budget: int) -> tuple[Sequence[_Value], int]:
    """Take from the front what fits. Once something does not, nothing is left for what comes later."""
    if not values or budget <= 0:
        return (), budget
    taken, left = leading(values, budget)
    return taken, left if len(taken) == len(values) else 0
