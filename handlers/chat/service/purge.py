"""Purges what is older than the retention: from each chat's beginning, and never its last message."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from chat.domain import PAGE_LIMIT, timestamp
from chat.protocol.purge import PurgeTask
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Page
    from chat.ports.clock import Clock
    from chat.ports.messages import Messages, Retention
    from chat.ports.queue import Queue
    from chat.service.media import Attachments

DAY = 24 * 60 * 60
"""Seconds."""
TASK_CHATS = 25
"""Chats that one task goes through, at most."""
TASK_PAGES = 20
"""Pages that one task purges of one chat, at most; what remains is the next task's."""


class StartPurge:
    """Enqueues the first task of every shard."""

    def __init__(self, queue: Queue, shards: Sequence[str], retention_days: int) -> None:
        """Leave the work to `queue`; 0 days keep messages for ever."""
        self._queue = queue
        self._shards = shards
        self._retention_days = retention_days

    def __call__(self) -> None:
        """Start, unless messages are kept for ever."""
        if self._retention_days:
            for shard in self._shards:
                self._queue.send(msgspec.json.encode(PurgeTask(shard)))


class Purge:
    """Carries out one task, and enqueues the next. A task that is repeated finds less to do, or nothing.

    Numbers stay what they are: a chat then begins with a higher one. Its last message stays whatever its age,
    since the next one's number and every member's unread count rest on it.
    """

    def __init__(
        self,
        retention: Retention,
        messages: Messages,
        attachments: Attachments,
        queue: Queue,
        clock: Clock,
        retention_days: int,
    ) -> None:
        """Purge `messages` and with them their `attachments`; 0 days keep them for ever."""
        self._retention = retention
        self._attachments = attachments
        self._messages = messages
        self._queue = queue
        self._clock = clock
        self._retention_days = retention_days

    def __call__(self, task: PurgeTask) -> None:
        """Purge some chats of the shard."""
        if not self._retention_days:
            return
        oldest_kept = timestamp(self._clock.now() - self._retention_days * DAY)
        done = task.after
        chat_ids = self._retention.chats(task.shard, task.after or None, TASK_CHATS)
        for chat_id in chat_ids:
            if not self._purge(chat_id, oldest_kept):
                break
            done = chat_id
        else:
            if len(chat_ids) < TASK_CHATS:
                return
        self._queue.send(msgspec.json.encode(PurgeTask(task.shard, done)))

    def _purge(self, chat_id: str, oldest_kept: str) -> bool:
        """Purge a chat from its beginning; whether nothing old is left."""
        for _ in range(TASK_PAGES):
            page = self._messages.after(chat_id, 0, PAGE_LIMIT)
            old = _old(page, oldest_kept)
            if old:
                each(partial(self._attachments.forget, chat_id), page.messages[: len(old)])
                self._retention.purge(chat_id, old)
            if len(old) < len(page.messages) or not page.has_more:
                return True
        return False


def _old(page: Page, oldest_kept: str) -> list[int]:
    """The numbers of a page's messages up to the first that stays."""
    candidates = page.messages if page.has_more else page.messages[:-1]
    old: list[int] = []
    for message in candidates:
        if message.sent_at >= oldest_kept:
            break
        old.append(message.seq)
    return old
