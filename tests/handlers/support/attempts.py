"""Invocations that run from request to request, in the order and with the faults that a test chooses."""

from __future__ import annotations

import threading
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = TypeVar("Outcome")
_Answer = TypeVar("_Answer")


class Fate(Enum):
    """What becomes of one request to the table."""

    DONE = "done"
    LOST = "lost"
    """It fails and had no effect."""
    UNANSWERED = "unanswered"
    """It fails but had its effect: the answer got lost, or the environment ended."""


class FaultError(Exception):
    """A request that failed."""


class Attempt(Generic[Outcome]):
    """One invocation that runs until its next request, and on when it is told that request's fate."""

    def __init__(self, work: Callable[[Attempt[Outcome]], Outcome]) -> None:
        self._turn = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._fate = Fate.DONE
        self.ended = False
        self.result: Outcome | Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()
        self._paused.acquire()

    def _run(self, work: Callable[[Attempt[Outcome]], Outcome]) -> None:
        try:
            self.result = work(self)
        except (ChatError, FaultError) as fault:
            self.result = fault
        finally:
            self.ended = True
            self._paused.release()

    def request(self, act: Callable[[], _Answer]) -> _Answer:
        """Called by the invocation: wait for the turn, then meet the fate."""
        self._paused.release()
        self._turn.acquire()
        if self._fate is Fate.LOST:
            raise FaultError
        answer = act()
        if self._fate is Fate.UNANSWERED:
            raise FaultError
        return answer

    def step(self, fate: Fate) -> None:
        """Let the invocation make the request it waits with, and run to the next or to its end."""
        self._fate = fate
        self._turn.release()
        self._paused.acquire()
