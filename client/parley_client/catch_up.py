"""Fetching what did not come live: after a reconnect, across a gap, and where a listing shows more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .effects import CancelTimer, Effect, ListChats, Notify, StartTimer
from .events import CaughtUp
from .frames import Sync

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .chats import Chat, Chats
    from .frames import ErrorFrame, SyncFrame
    from .policy import Delays, Policy
    from .requests import Requests


class CatchUp:
    """Knows which chats are behind and asks for their messages until none is.

    Two sources tell what is missing. The sync of known chats is strongly consistent, so together with the
    live pushes of a connection that is already registered it leaves nothing out. The listing finds chats that
    were created meanwhile and, repeated with each ping, a push that was lost in a chat that then fell silent.
    """

    def __init__(
        self, emit: Callable[[Effect], None], policy: Policy, delays: Delays, chats: Chats, requests: Requests
    ) -> None:
        """Emit effects through `emit`."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._chats = chats
        self._requests = requests
        self._listing = 0
        self._listing_attempt = 0
        self._listed = False
        self._sync_waiting = False
        self._sync_attempt = 0
        self._announced = False

    def begin(self) -> None:
        """A connection was opened: whatever was known of the chats' ends may be old."""
        self._listed = self._announced = self._sync_waiting = False
        for chat in self._chats:
            chat.behind = True
            chat.sync_request = None
        self.list_chats()

    def advance(self) -> None:
        """Ask for what is missing and not yet asked for; tell once when nothing is."""
        if not self._requests.possible or self._sync_waiting:
            return
        waiting = [chat for chat in self._chats if chat.behind and chat.sync_request is None]
        for start in range(0, len(waiting), self._policy.sync_chats):
            self._sync(waiting[start : start + self._policy.sync_chats])
        if self._listed and not self._announced and not any(chat.behind for chat in self._chats):
            self._announced = True
            self._emit(Notify(event=CaughtUp()))

    def _sync(self, chats: list[Chat]) -> None:
        request_id = self._requests.next_id()
        for chat in chats:
            chat.sync_request = request_id
        cursors = {chat.chat_id: chat.log.cursor for chat in chats}
        self._requests.send(Sync(request_id=request_id, chats=cursors))

    def answered(self, request: Sync, frame: SyncFrame) -> None:
        """The messages of a sync answer were taken in: see which chats have more."""
        more = {page.chat_id for page in frame.chats if page.has_more}
        moved = False
        for chat in self._fetching(request):
            chat.sync_request = None
            chat.behind = chat.chat_id in more
            moved = moved or chat.log.cursor > request.chats[chat.chat_id]
            self.watch_gap(chat)
        if more and not moved:
            self._sync_later()
        else:
            self._sync_attempt = 0

    def failed(self, request: Sync, error: ErrorFrame) -> None:
        """A sync met an error: repeat it later, without the chats that it cannot be had for."""
        chats = self._fetching(request)
        self.unanswered(request)
        if error.retryable:
            self._sync_later()
        else:
            for chat in chats:
                chat.behind = chat.behind and error.chat_id not in {None, chat.chat_id}

    def unanswered(self, request: Sync) -> None:
        """No answer will come: the chats are to be asked for again."""
        for chat in self._fetching(request):
            chat.sync_request = None

    def _fetching(self, request: Sync) -> list[Chat]:
        chats = [self._chats.get(chat_id) for chat_id in request.chats]
        return [chat for chat in chats if chat.sync_request == request.request_id]

    def _sync_later(self) -> None:
        self._sync_waiting = True
        self._emit(StartTimer(timer="sync", delay=self._delays.before_retry(self._sync_attempt)))
        self._sync_attempt += 1

    def sync_again(self) -> None:
        """The delay after a failed sync is over."""
        self._sync_waiting = False

    def watch_gap(self, chat: Chat) -> None:
        """Give a missing message a moment to come by itself: live messages may overtake each other.

        The moment doubles as long as fetching does not help, lest a wrong answer be asked for in a circle.
        """
        if chat.log.has_gap and not chat.behind:
            if not chat.gap_timer:
                chat.gap_timer = True
                delay = min(self._policy.retry_cap, self._policy.gap_patience * 2.0**chat.gap_attempt)
                self._emit(StartTimer(timer=f"gap:{chat.chat_id}", delay=delay))
        elif chat.gap_timer:
            chat.gap_timer = False
            self._emit(CancelTimer(timer=f"gap:{chat.chat_id}"))

    def gap_stayed(self, chat_id: str) -> None:
        """The moment is over: fetch what has not come."""
        chat = self._chats.get(chat_id)
        chat.gap_timer = False
        if chat.log.has_gap:
            chat.gap_attempt += 1
            chat.behind = True

    def list_chats(self) -> None:
        """Ask which chats there are and how far they reach."""
        self._listing += 1
        self._emit(ListChats(listing=self._listing))

    def listed(self, listing: int, tails: Mapping[str, int]) -> None:
        """The listing is here; an older one than the last asked for says nothing."""
        if listing == self._listing:
            self._listed = True
            self._listing_attempt = 0
            for chat_id, tail in tails.items():
                self.discovered(chat_id, tail)

    def discovered(self, chat_id: str, tail: int) -> None:
        """A chat's messages reach up to `tail`."""
        chat = self._chats.get(chat_id, tail)
        chat.log.note(tail)
        chat.behind = chat.behind or chat.log.has_gap

    def listing_failed(self, listing: int) -> None:
        """Repeat the last listing later."""
        if listing == self._listing:
            delay = self._delays.before_retry(self._listing_attempt)
            self._listing_attempt += 1
            self._emit(StartTimer(timer="list", delay=delay))
