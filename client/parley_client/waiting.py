"""What callers wait for: the fate of their sends, the answers to their queries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from .errors import NotReachable, RequestRefused, SendRefused
from .events import MessageRefused, MessageSent
from .server_frames import ErrorFrame, ServerFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    from .events import Event
    from .server_frames import Answer
    from .values import Message

_Result = TypeVar("_Result")
_Frame = TypeVar("_Frame", bound=ServerFrame)


class Waiting:
    """Futures by message id and by request id; each is gone when its caller is."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._sends: dict[str, asyncio.Future[Message]] = {}
        self._answers: dict[str, asyncio.Future[Answer]] = {}

    async def for_send(self, message_id: str) -> Message:
        """Wait until a message is durable; SendRefused when it will not be."""
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._sends[message_id] = future
        try:
            return await future
        finally:
            del self._sends[message_id]

    async def for_answer(self, request_id: str, kind: type[_Frame], ask: Callable[[], None]) -> _Frame:
        """Ask, and wait until the query is answered."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = future
        try:
            ask()
            answer = await future
        finally:
            del self._answers[request_id]
        if not isinstance(answer, kind):
            raise NotReachable(f"The service answered with {type(answer).__name__}, not {kind.__name__}.")
        return answer

    def notify(self, event: Event) -> None:
        """Tell a sender what became of their message."""
        match event:
            case MessageSent(message=message):
                _resolve(self._sends.get(message.id), message)
            case MessageRefused(id=message_id, code=code, message=text, definite=definite):
                _reject(self._sends.get(message_id), SendRefused(code, text, definite=definite))

    def answered(self, request_id: str, answer: Answer | NotReachable) -> None:
        """Tell who asked."""
        future = self._answers.get(request_id)
        match answer:
            case NotReachable():
                _reject(future, answer)
            case ErrorFrame(code=code, message=message, definite=definite):
                _reject(future, RequestRefused(code, message, definite=definite))
            case _:
                _resolve(future, answer)

    def fail(self, error: BaseException) -> None:
        """Tell everyone who waits that nothing more will come."""
        for send in self._sends.values():
            _reject(send, error)
        for query in self._answers.values():
            _reject(query, error)


def _resolve(future: asyncio.Future[_Result] | None, result: _Result) -> None:
    if future is not None and not future.done():
        future.set_result(result)


def _reject(future: asyncio.Future[_Result] | None, error: BaseException) -> None:
    if future is not None and not future.done():
        future.set_exception(error)
