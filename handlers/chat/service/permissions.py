"""Permissions to write found a moment ago: trusted for seconds, so that a block soon holds everywhere."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from chat.domain import PERMISSION_LIFETIME

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED_PERMISSIONS = 10_000


class Permissions:
    """Direct chats whose members were found to be free to write; the longest unused are forgotten."""

    def __init__(self, now: Callable[[], float], limit: int = REMEMBERED_PERMISSIONS) -> None:
        """Trust what was found for seconds of `now`, in up to `limit` chats."""
        self._now = now
        self._limit = limit
        self._until: OrderedDict[str, float] = OrderedDict()

    def hold(self, chat_id: str) -> bool:
        """Whether the chat's members may write without asking."""
        return self._now() < self._until.get(chat_id, 0)

    def found(self, chat_id: str) -> None:
        """Take note that the chat's members may write now."""
        self._until[chat_id] = self._now() + PERMISSION_LIFETIME
        self._until.move_to_end(chat_id)
        if len(self._until) > self._limit:
            self._until.popitem(last=False)
