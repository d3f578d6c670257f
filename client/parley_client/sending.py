"""Moving the outboxes: one unacked frame a chat, repeated with the same ids and `after` until it is acked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_frames import SendMessage
from .effects import Effect, Notify, StartTimer
from .events import HistoryReset, MessageRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from .chats import Chat, Chats
    from .policy import Delays, Policy
    from .requests import Requests
    from .server_frames import ErrorFrame
    from .values import NewMessage


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
        self._limited = False
        self._limited_attempt = 0

    def advance(self) -> None:
        """Send a frame for each chat that has something to send and nothing in flight."""
        if not self._requests.possible or self._limited:
            return
        for chat in self._chats:
            if chat.outbox.may_send and not chat.behind:
                self._send(chat)

    def _send(self, chat: Chat) -> None:
        after, messages = chat.outbox.frame(chat.messages.cursor, self._policy)
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
        self._limited_attempt = 0
        if chat.outbox.request_id == request.request_id:
            self._repeat_later(chat)

    def unanswered(self, request: SendMessage) -> None:
        """No answer will come: the frame is to be sent again."""
        outbox = self._chats.get(request.chat_id).outbox
        outbox.request_id = None
        outbox.uncertain = True

    def failed(self, request: SendMessage, error: ErrorFrame) -> None:
        """A frame met an error: repeat it, frame its messages anew, or give them up."""
        chat = self._chats.get(request.chat_id)
        chat.outbox.uncertain = chat.outbox.uncertain or not error.definite
        if error.code in {"bad_after", "sync_required"}:
            self._frame_anew(chat, reset=error.code == "bad_after" and chat.rejected)
            chat.rejected = error.code == "bad_after"
        elif error.retryable and error.retry_after_ms is not None:
            chat.outbox.request_id = None
            self._wait_all(error.retry_after_ms)
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

    def _wait_all(self, retry_after_ms: int) -> None:
        """Send nothing for a while, in no chat: the limit that was reached is the user's."""
        self._limited = True
        delay = self._delays.before_retry(self._limited_attempt, retry_after_ms)
        self._limited_attempt += 1
        self._emit(StartTimer(timer="limit", delay=delay))

    def limit_over(self) -> None:
        """The time for which the service wanted nothing sent is over."""
        self._limited = False

    def give_up(self, chat: Chat, error: ErrorFrame) -> None:
        """Refuse all that waits in a chat; what is in flight may have been written."""
        for message, maybe_written in chat.outbox.clear():
            self._tell_refused(chat, message, error, definite=not maybe_written)

    def _refuse(self, chat: Chat, error: ErrorFrame) -> None:
        definite = not chat.outbox.uncertain
        if error.code == "unknown_chat":
            chat.look_up()
        for message in chat.outbox.in_flight:
            chat.outbox.settle(message.id)
            self._tell_refused(chat, message, error, definite=definite)

    def _tell_refused(self, chat: Chat, message: NewMessage, error: ErrorFrame, *, definite: bool) -> None:
        refused = MessageRefused(
            chat_id=chat.chat_id, id=message.id, code=error.code, message=error.message, definite=definite
        )
        self._emit(Notify(event=refused))
