"""How far members have got, and when users were last online, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.ports import Watermarks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat.domain import Mark
    from tests.handlers.support.fakes import FakeChats


class FakeReceipts:
    """The watermarks of `FakeChats`."""

    def __init__(self, chats: FakeChats) -> None:
        self._chats = chats
        self.writes = 0

    def advance(self, chat_id: str, user_id: str, mark: Mark, seq: int) -> tuple[Watermarks, bool] | None:
        """Never back."""
        standing = self._chats.standing(chat_id, user_id)
        if standing is None:
            return None
        marks = standing.watermarks
        if seq <= (marks.read_seq if mark == "read" else marks.delivered_seq):
            return marks, False
        self.writes += 1
        read = seq if mark == "read" else marks.read_seq
        moved = Watermarks(max(marks.delivered_seq, seq), read, marks.visible_after)
        self._chats.marks[chat_id, user_id] = moved
        return moved, True


class FakeLastSeen:
    """When users were last online."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}
        self.online: dict[str, bool] = {}
        self.reads = 0

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Of who ever left."""
        self.reads += 1
        return {user_id: self.seen[user_id] for user_id in user_ids if user_id in self.seen}

    def come(self, user_id: str) -> bool:
        """News, unless it was so."""
        was, self.online[user_id] = self.online.get(user_id), True
        return was is not True

    def leave(self, user_id: str, at: str) -> bool:
        """News, unless it was so."""
        self.seen[user_id] = at
        was, self.online[user_id] = self.online.get(user_id), False
        return was is not False
