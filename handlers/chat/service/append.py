"""Appends messages to a chat's log, where the sort key is the lock: one conditional put a message."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from chat.domain import PAGE_LIMIT
from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.append import Append
    from chat.ports.clock import Clock
    from chat.ports.messages import Messages
    from chat.service.membership import KnownChats

CONFLICT_LIMIT = 20
"""Times that one frame may find its place taken."""
BACKOFF_BASE = 0.010
BACKOFF_CAP = 0.200
"""Seconds: before look number n, wait a random part of base * 2**n, at most the cap."""


class AppendLog:
    """Drives an `Append` against the messages table."""

    def __init__(
        self,
        messages: Messages,
        known: KnownChats,
        clock: Clock,
        *,
        page_limit: int = PAGE_LIMIT,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Append to `messages`.

        Args:
            messages: the logs.
            known: what this environment has seen of chats.
            clock: gives the messages' times and waits out conflicts.
            page_limit: messages that a look at the log reads at most.
            jitter: gives a number from 0 up to 1.
        """
        self._messages = messages
        self._known = known
        self._clock = clock
        self._page_limit = page_limit
        self._jitter = jitter

    def run(self, chat_id: str, append: Append) -> None:
        """Append what is missing of the frame. Whatever is raised, `append` tells what has landed.

        Raises:
            ChatError: `id_taken`, `sync_required`, or `contention` after too many conflicts.
        """
        try:
            # Seen further than the client: its first place is taken, so look before the first put.
            if (self._known.highest(chat_id) or 0) > append.tail:
                self.look(chat_id, append)
            self._put_all(chat_id, append)
        finally:
            self._known.saw(chat_id, append.tail)

    def _put_all(self, chat_id: str, append: Append) -> None:
        conflicts = in_a_row = 0
        while (draft := append.draft) is not None:
            message = append.propose(draft, self._clock.now())
            if self._messages.put(chat_id, message):
                append.land(message)
                in_a_row = 0
                continue
            conflicts += 1
            in_a_row += 1
            if conflicts >= CONFLICT_LIMIT:
                raise ChatError("contention")
            if in_a_row > 1:  # the first conflict shows an old `after`; only further ones show contention
                self._clock.sleep(self._jitter() * min(BACKOFF_CAP, BACKOFF_BASE * 2**in_a_row))
            self.look(chat_id, append)

    def look(self, chat_id: str, append: Append) -> None:
        """Find what an earlier attempt at the frame has put.

        Raises:
            ChatError: `id_taken` or `sync_required`.
        """
        append.observe(self._messages.after(chat_id, append.tail, self._page_limit))
