"""Receipts: telling how far this user has got, once a second and chat at most, and learning it of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_frames import MarkDelivered, MarkRead
from .effects import Effect, Notify, StartTimer
from .events import ReceiptReceived
from .marks import Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .chats import Chats
    from .policy import Delays, Policy
    from .requests import Requests
    from .server_frames import ErrorFrame, ReceiptFrame


class Receipts:
    """Marks wait until the service has confirmed them; of several in one chat only the highest is sent."""

    def __init__(
        self,
        emit: Callable[[Effect], None],
        policy: Policy,
        delays: Delays,
        chats: Chats,
        requests: Requests,
        marks: Mapping[str, Marks],
    ) -> None:
        """Emit effects through `emit`; `marks` are those that an earlier session could not have confirmed."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._chats = chats
        self._requests = requests
        self._waiting: dict[str, Marks] = dict(marks)
        self._asked: dict[str, str] = {}
        """The unanswered request of each chat."""
        self._resting: set[str] = set()
        """Chats whose timer runs."""
        self._attempt = 0

    @property
    def unconfirmed(self) -> dict[str, Marks]:
        """What the service has not confirmed, by chat."""
        return dict(self._waiting)

    def mark(self, chat_id: str, *, delivered_seq: int = 0, read_seq: int = 0) -> None:
        """Note how far this user has got; never further than what was received."""
        if not self._chats.is_in(chat_id):
            return
        limit = self._chats.get(chat_id).messages.cursor
        delivered_seq, read_seq = min(delivered_seq, limit), min(read_seq, limit)
        waiting = self._waiting.get(chat_id, Marks())
        self._waiting[chat_id] = waiting.forward(delivered_seq, read_seq)
        self._drop_confirmed(chat_id)

    def _drop_confirmed(self, chat_id: str) -> None:
        """Forget what waits if the service knows it already."""
        summary, waiting = self._chats.get(chat_id).state.summary, self._waiting.get(chat_id)
        if waiting is not None and (
            waiting.delivered_seq <= summary.delivered_seq and waiting.read_seq <= summary.read_seq
        ):
            del self._waiting[chat_id]

    def advance(self) -> None:
        """Send what waits, where nothing is asked already and the chat's second is over."""
        if not self._requests.possible:
            return
        for chat_id, marks in list(self._waiting.items()):
            chat = self._chats.get(chat_id)
            if chat.left:
                del self._waiting[chat_id]
            if chat.left or chat.behind or chat_id in self._asked or chat_id in self._resting:
                continue
            request_id = self._asked[chat_id] = self._requests.next_id()
            if marks.read_seq > chat.state.summary.read_seq:
                self._requests.send(MarkRead(request_id=request_id, chat_id=chat_id, seq=marks.read_seq))
            else:
                self._requests.send(
                    MarkDelivered(request_id=request_id, chat_id=chat_id, seq=marks.delivered_seq)
                )
            self._rest(chat_id, self._policy.receipt_interval)

    def _rest(self, chat_id: str, delay: float) -> None:
        self._resting.add(chat_id)
        self._emit(StartTimer(timer=f"receipt:{chat_id}", delay=delay))

    def rested(self, chat_id: str) -> None:
        """The chat's second is over."""
        self._resting.discard(chat_id)

    def received(self, frame: ReceiptFrame, *, own: bool) -> None:
        """Take in how far a member has got; `own` if it is this user, on whichever device."""
        if not self._chats.is_in(frame.chat_id):
            return
        state = self._chats.get(frame.chat_id).state
        if own:
            moved = state.mark_own(frame.delivered_seq, frame.read_seq, frame.member_since)
            self._drop_confirmed(frame.chat_id)
        else:
            moved = state.mark(frame.user_id, frame.delivered_seq, frame.read_seq, frame.member_since)
        if moved:
            event = ReceiptReceived(
                chat_id=frame.chat_id,
                user_id=frame.user_id,
                delivered_seq=frame.delivered_seq,
                read_seq=frame.read_seq,
            )
            self._emit(Notify(event=event))

    def answered(self, request: MarkDelivered | MarkRead, since: int) -> None:
        """A mark of the membership that began with change `since` is confirmed.

        What is not above it waits no longer, whatever else the answer said.
        """
        self.unanswered(request)
        self._attempt = 0
        seq = request.seq
        state = self._chats.get(request.chat_id).state
        state.mark_own(seq, seq if isinstance(request, MarkRead) else 0, since)
        self._drop_confirmed(request.chat_id)

    def unanswered(self, request: MarkDelivered | MarkRead) -> None:
        """No answer will come: the mark is to be sent again."""
        if self._asked.get(request.chat_id) == request.request_id:
            del self._asked[request.chat_id]

    def failed(self, request: MarkDelivered | MarkRead, error: ErrorFrame) -> None:
        """A mark met an error: send it again later, or give it up."""
        self.unanswered(request)
        if error.retryable:
            delay = self._delays.before_retry(self._attempt, error.retry_after_ms)
            self._attempt += 1
            self._rest(request.chat_id, max(delay, self._policy.receipt_interval))
        else:
            self._waiting.pop(request.chat_id, None)
