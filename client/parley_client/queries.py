"""What the application asks for and waits for: asked again on a new connection and when a limit is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_frames import DeleteMessage, EditMessage, JoinChat, LeaveChat, React
from .effects import AnswerQuery, Effect, FailQuery, StartTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .chats import Chats
    from .client_frames import Query
    from .policy import Delays, Policy
    from .requests import Requests
    from .server_frames import Answer, ErrorFrame


_CHANGING = (EditMessage, DeleteMessage, React, JoinChat, LeaveChat)


class Queries:
    """Each query gets one AnswerQuery or FailQuery, under its request id."""

    def __init__(
        self, emit: Callable[[Effect], None], policy: Policy, delays: Delays, chats: Chats, requests: Requests
    ) -> None:
        """Emit effects through `emit`."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._chats = chats
        self._requests = requests
        self._open: dict[str, Query] = {}
        self._attempts: dict[str, int] = {}
        self._waiting: set[str] = set()
        """Those that wait out a delay."""

    def ask(self, query: Query) -> None:
        """Ask, now or when there is a connection."""
        self._open[query.request_id] = query
        self._requests.send(query)

    def ask_all(self) -> None:
        """A connection was opened: ask everything that is open on it, but what waits out a delay."""
        for query in self._open.values():
            if query.request_id not in self._waiting:
                self._requests.send(query)

    def ask_again(self, request_id: str) -> None:
        """The delay before a repetition is over."""
        self._waiting.discard(request_id)
        if (query := self._open.get(request_id)) is not None:
            self._requests.send(query)

    def answer(self, request_id: str, answer: Answer) -> None:
        """Hand on an answer, the first that comes."""
        self._requests.finish(request_id)
        self._forget(request_id)
        if self._open.pop(request_id, None) is not None:
            self._emit(AnswerQuery(request_id=request_id, answer=answer))

    def failed(self, query: Query, error: ErrorFrame) -> None:
        """A query met an error: ask again later, or hand it on."""
        attempt = self._attempts.get(query.request_id, 0)
        if error.retryable and attempt + 1 < self._policy.query_attempts:
            self._attempts[query.request_id] = attempt + 1
            self._waiting.add(query.request_id)
            delay = self._delays.before_retry(attempt, error.retry_after_ms)
            self._emit(StartTimer(timer=f"query:{query.request_id}", delay=delay))
        else:
            if not error.definite:
                self._look_up(query)
            self.answer(query.request_id, error)

    def timed_out(self, request_id: str) -> bool:
        """Tell who asked that no answer came; return whether this was a query."""
        self._forget(request_id)
        if (query := self._open.pop(request_id, None)) is None:
            return False
        self._look_up(query)
        self._emit(FailQuery(request_id=request_id))
        return True

    def _look_up(self, query: Query) -> None:
        """See what has become of a change that may have been made: who asked for it is not told by push."""
        if isinstance(query, _CHANGING) and query.chat_id in self._chats:
            self._chats.get(query.chat_id).look_up()

    def _forget(self, request_id: str) -> None:
        self._attempts.pop(request_id, None)
        self._waiting.discard(request_id)
