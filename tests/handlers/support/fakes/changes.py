"""The logs of changes in memory, with their effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, structs

from chat.changes import ChangePage, MessageVersion, version_of
from tests.handlers.support.fakes.chats import FakeChats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.changes import Effect
    from chat.domain import Change
    from tests.handlers.support.fakes.messages import FakeMessages


class FakeChanges:
    """The logs of changes, beside the logs of messages on which they have their effects."""

    def __init__(self, messages: FakeMessages, chats: FakeChats | None = None) -> None:
        self._messages = messages
        self._chats = chats or FakeChats(messages)
        self.logs: dict[str, list[Change]] = {}
        """Each chat's changes as they were written."""
        self.puts = 0

    def tail(self, chat_id: str) -> int:
        """How many there are."""
        return len(self.logs.get(chat_id, ()))

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """All or nothing."""
        self.puts += 1
        log = self.logs.setdefault(chat_id, [])
        messages = self._messages.logs.get(chat_id, {})
        versions = [effect for effect in effects if isinstance(effect, MessageVersion)]
        for version in versions:
            current = messages.get(version.was.seq)
            if current is None or version_of(current) != version_of(version.was):
                return False
        if change.number != len(log) + 1:
            return False
        if not all(self._chats.take(e) for e in effects if not isinstance(e, MessageVersion)):
            return False
        log.append(change)
        messages.update({version.message.seq: version.message for version in versions})
        return True

    def after(self, chat_id: str, number: int, limit: int) -> ChangePage:
        """With the messages as they are now."""
        log = self.logs.get(chat_id, [])
        page = [self._now(chat_id, change) for change in log[number : number + limit]]
        return ChangePage(page, has_more=len(log) > number + limit)

    def _now(self, chat_id: str, change: Change) -> Change:
        if change.message is UNSET:
            return change
        message = self._messages.logs.get(chat_id, {}).get(change.message.seq, UNSET)
        return structs.replace(change, message=message)
