"""Moving the outboxes: one unacked frame a chat, repeated with the same ids and `after` until it is acked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .effects import Effect, Notify, StartTimer
from .events import HistoryReset, MessageRefused
from .frames import SendMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from .chats import Chat, Chats
    from .frames import ErrorFrame
    from .policy import Delays, Policy
    from .requests import Requests


class Sending:
    """Sends what the outboxes hold, as soon as their chats are level with the service."""

    def __init__(
        self, emit: Callable[[Effect], None], policy: Policy, delays: Delays, chats: Chats, requests: Requests
    ) -> None:
        """Emit effects through `emit`."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._chats = chats
        self._requests = requests

    def advance(self) -> None:
        """Send a frame for each chat that has something to send and nothing in flight."""
        if not self._requests.possible:
            return
        for chat in self._chats:
            if chat.outbox.may_send and not chat.behind:
                self._send(chat)

    def _send(self, chat: Chat) -> None:
        after, messages = chat.outbox.frame(chat.log.cursor, self._policy)
        chat.outbox.request_id = self._requests.next_id()
        self._requests.send(
            SendMessage(
                request_id=chat.outbox.request_id, chat_id=chat.chat_id, after=after, messages=messages
            )
        )

    def acked(self, request: SendMessage) -> None:
        """An ack was taken in; if it left part of its frame open, repeat the rest after a while."""
        chat = self._chats.get(request.chat_id)
        chat.rejected = False
        if chat.outbox.request_id == request.request_id:
            self._repeat_later(chat)

    def unanswered(self, request: SendMessage) -> None:
        """No answer will come: the frame is to be sent again."""
        self._chats.get(request.chat_id).outbox.request_id = None

    def failed(self, request: SendMessage, error: ErrorFrame) -> None:
        """A frame met an error: repeat it, frame its messages anew, or give them up."""
        chat = self._chats.get(request.chat_id)
        if error.code in {"bad_after", "sync_required"}:
            self._frame_anew(chat, reset=error.code == "bad_after" and chat.rejected)
            chat.rejected = error.code == "bad_after"
        elif error.retryable:
            self._repeat_later(chat)
        elif chat.outbox.framed > 1:
            chat.outbox.split()
        else:
            self._refuse(chat, error)

    def _frame_anew(self, chat: Chat, *, reset: bool) -> None:
        chat.outbox.dissolve()
        chat.behind = True
        if reset:
            chat.reset()
            self._emit(Notify(event=HistoryReset(chat_id=chat.chat_id)))

    def _repeat_later(self, chat: Chat) -> None:
        chat.outbox.request_id = None
        chat.outbox.waiting = True
        delay = self._delays.before_retry(chat.outbox.attempt)
        chat.outbox.attempt += 1
        self._emit(StartTimer(timer=f"send:{chat.chat_id}", delay=delay))

    def repeat(self, chat_id: str) -> None:
        """The delay before a repetition is over."""
        self._chats.get(chat_id).outbox.waiting = False

    def _refuse(self, chat: Chat, error: ErrorFrame) -> None:
        for message in chat.outbox.in_flight:
            chat.outbox.settle(message.id)
            self._emit(
                Notify(
                    event=MessageRefused(
                        chat_id=chat.chat_id,
                        id=message.id,
                        code=error.code,
                        message=error.message,
                        definite=error.definite,
                    )
                )
            )
