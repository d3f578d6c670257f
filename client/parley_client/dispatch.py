"""What each frame of the service means: who takes it in, and which request it answers."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import TYPE_CHECKING, NamedTuple

from . import server_frames as server
from .client_frames import MarkDelivered, MarkRead, SendMessage, Sync, Typing

if TYPE_CHECKING:
    from .activity import Activity
    from .catch_up import CatchUp
    from .client_frames import Request
    from .queries import Queries
    from .receipts import Receipts
    from .receiving import Receiving
    from .requests import Requests
    from .sending import Sending


class Parts(NamedTuple):
    """The session's parts, each of which deals with some frames."""

    requests: Requests
    sending: Sending
    catch_up: CatchUp
    receiving: Receiving
    receipts: Receipts
    activity: Activity
    queries: Queries


class Dispatch:
    """Hands each frame, and each request that nobody will answer, to the part that it concerns."""

    def __init__(self, parts: Parts) -> None:
        """Hand on to `parts`."""
        self._parts = parts

    @singledispatchmethod
    def received(self, frame: object) -> None:
        """Hand on a frame. One that no method below takes says nothing but that the service lives."""

    @received.register
    def _(self, frame: server.MessageFrame) -> None:
        self._parts.receiving.take_in(frame.chat_id, (frame.message,))
        self._parts.activity.wrote(frame.chat_id, frame.message.sender_id)

    @received.register
    def _(self, frame: server.AckFrame) -> None:
        request = self._parts.requests.finish(frame.request_id)
        self._parts.receiving.acked(frame)
        if isinstance(request, SendMessage):
            self._parts.sending.acked(request)

    @received.register
    def _(self, frame: server.SyncFrame) -> None:
        request = self._parts.requests.finish(frame.request_id)
        if isinstance(request, Sync):
            self._parts.catch_up.arrived(request, frame)
        self._parts.receiving.synced(frame)
        if isinstance(request, Sync):
            self._parts.catch_up.answered(request, frame)

    @received.register
    def _(self, frame: server.ChangedFrame) -> None:
        self._parts.receiving.take_in(frame.chat_id, (), (frame.change,))
        self._parts.queries.answer(frame.request_id, frame)

    @received.register
    def _(self, frame: server.ChatFrame) -> None:
        self._parts.catch_up.joined(frame.chat)
        self._parts.queries.answer(frame.request_id, frame)

    @received.register
    def _(self, frame: server.LeftFrame) -> None:
        self._parts.catch_up.left(frame.chat_id)
        self._parts.queries.answer(frame.request_id, frame)

    @received.register
    def _(self, frame: server.ReceiptFrame) -> None:
        request = self._parts.requests.finish(frame.request_id)
        self._parts.receipts.received(frame, own=frame.user_id == self._parts.receiving.user_id)
        if isinstance(request, MarkDelivered | MarkRead):
            self._parts.receipts.answered(request, frame.member_since)

    @received.register
    def _(self, frame: server.TypingFrame) -> None:
        self._parts.requests.finish(frame.request_id)
        if frame.user_id != self._parts.receiving.user_id:
            self._parts.activity.writing(frame.chat_id, frame.user_id)

    @received.register
    def _(self, frame: server.PresenceFrame) -> None:
        self._parts.activity.presence(frame)
        self._parts.queries.answer(frame.request_id, frame)

    @received.register
    def _(self, frame: server.MessagesFrame) -> None:
        self._parts.queries.answer(frame.request_id, frame)

    @received.register
    def _(self, frame: server.UsersFrame) -> None:
        self._parts.queries.answer(frame.request_id, frame)

    def failed(self, connection: int, error: server.ErrorFrame) -> None:
        """Find the request that an error is about; if it names none, it must be the only one that waits."""
        request_id = error.request_id
        if not request_id and len(waiting := self._parts.requests.on(connection)) == 1:
            request_id = waiting[0]
        match self._parts.requests.finish(request_id):
            case None:
                pass
            case SendMessage() as request:
                self._parts.sending.failed(request, error)
            case Sync() as request:
                self._parts.catch_up.failed(request, error)
            case (MarkDelivered() | MarkRead()) as request:
                self._parts.receipts.failed(request, error)
            case Typing() as request:
                self._parts.activity.failed(request, error)
            case query:
                self._parts.queries.failed(query, error)

    def unanswered(self, request: Request) -> None:
        """No answer will come to a request."""
        match request:
            case SendMessage():
                self._parts.sending.unanswered(request)
            case Sync():
                self._parts.catch_up.unanswered(request)
            case MarkDelivered() | MarkRead():
                self._parts.receipts.unanswered(request)
            case Typing():
                pass  # it would come too late
            case query:
                self._parts.requests.hold(query)
