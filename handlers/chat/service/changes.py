"""Appends changes to a chat's second log, where the sort key is the lock too: one transaction a change."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.changes import Decision
    from chat.domain import Change
    from chat.ports.changes import Changes
    from chat.ports.clock import Clock

ATTEMPTS = 12
"""Times that one change is decided upon, at most."""
BACKOFF_BASE = 0.010
BACKOFF_CAP = 0.200
"""Seconds: after attempt number n, wait a random part of base * 2**n, at most the cap."""


class ChangeLog:
    """Writes each change at the number after the last one, together with its effects, or not at all."""

    def __init__(
        self, changes: Changes, clock: Clock, *, jitter: Callable[[], float] = random.random
    ) -> None:
        """Write to `changes`; `clock` waits out conflicts, `jitter` gives a number from 0 up to 1."""
        self._changes = changes
        self._clock = clock
        self._jitter = jitter

    def record(self, chat_id: str, decide: Callable[[int], Decision | None]) -> Change | None:
        """Decide upon a change of the chat and write it; None when there was nothing to change.

        No decision rests on what another change has made untrue: the number is only taken when every
        change before it was there to be read, and each effect only when it replaces what was read.

        Args:
            chat_id: a chat that the caller has found to exist.
            decide: given the change's number, reads what it needs (strongly consistent, and anew each time:
                another change may have come first) and gives what to write, None when nothing is to change.
                What it raises ends the attempts.

        Raises:
            ChatError: `contention` after too many attempts.
        """
        for attempt in range(1, ATTEMPTS + 1):
            decision = decide(self._changes.tail(chat_id) + 1)
            if decision is None:
                return None
            if self._changes.put(chat_id, decision.change, decision.effects):
                return decision.change
            self._clock.sleep(self._jitter() * min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt))
        raise ChatError("contention")
