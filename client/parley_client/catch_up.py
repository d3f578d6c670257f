"""Fetching what did not come live: after a reconnect, across a gap, and where a listing shows more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_frames import Sync
from .effects import CancelTimer, Effect, ListChats, Notify, StartTimer
from .events import CaughtUp, ChatFound, ChatLeft, ChatUpdated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from .chats import Chat, Chats
    from .policy import Delays, Policy
    from .requests import Requests
    from .sending import Sending
    from .server_frames import ErrorFrame, SyncFrame
    from .values import ChatSummary, User


class CatchUp:
    """Knows which chats are behind and asks for their messages until none is.

    Two sources tell what is missing. The sync of known chats is strongly consistent, so together with the
    live pushes of a connection that is already registered it leaves nothing out. The listing finds chats that
    were created meanwhile and, repeated with some pings, a push that was lost in a chat that fell silent.
    """

    def __init__(
        self,
        emit: Callable[[Effect], None],
        policy: Policy,
        delays: Delays,
        chats: Chats,
        requests: Requests,
        sending: Sending,
    ) -> None:
        """Emit effects through `emit`; `sending` gives up what waits for a chat that this user is not in."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._chats = chats
        self._requests = requests
        self._sending = sending
        self._listing = 0
        self._listing_attempt = 0
        self._pings = 0
        self._listing_runs = False
        self._listed = False
        self._sync_waiting = False
        self._sync_attempt = 0
        self._announced = False

    def begin(self) -> None:
        """A connection was opened: whatever was known of the chats' ends may be old."""
        self._listed = self._announced = self._sync_waiting = False
        self._pings = 0
        for chat in self._chats:
            if not chat.left:
                chat.look_up()
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
        cursors = {chat.chat_id: chat.messages.cursor for chat in chats}
        changes = {chat.chat_id: chat.changes.cursor for chat in chats}
        self._requests.send(Sync(request_id=request_id, chats=cursors, changes=changes))

    def arrived(self, request: Sync, frame: SyncFrame) -> None:
        """A sync answer is about to be taken in: this user is in its chats, and sees what it holds."""
        fetching = {chat.chat_id: chat for chat in self._fetching(request)}
        for page in frame.chats:
            if (chat := fetching.get(page.chat_id)) is not None:
                if chat.left:
                    chat.left = False
                    self._emit(Notify(event=ChatFound(chat=chat.state.summary)))
                if page.messages and page.messages[0].seq > request.chats[page.chat_id] + 1:
                    chat.messages.skip_to(page.messages[0].seq - 1)

    def answered(self, request: Sync, frame: SyncFrame) -> None:
        """The messages of a sync answer were taken in: see which chats have more."""
        more = {page.chat_id for page in frame.chats if page.has_more}
        chats = self._fetching(request)
        moved = False
        for chat in chats:
            chat.sync_request = None
            chat.behind = chat.chat_id in more
            moved = moved or chat.messages.cursor > request.chats[chat.chat_id]
            moved = moved or chat.changes.cursor > request.changes[chat.chat_id]
            self.watch_gap(chat)
        if any(chat.behind for chat in chats) and not moved:
            self._sync_later()
        else:
            self._sync_attempt = 0

    def failed(self, request: Sync, error: ErrorFrame) -> None:
        """A sync met an error: repeat it later, without the chats that it cannot be had for."""
        chats = self._fetching(request)
        self.unanswered(request)
        if error.retryable:
            self._sync_later(error.retry_after_ms)
            return
        for chat in chats:
            if error.chat_id in {None, chat.chat_id}:
                chat.behind = False
                if error.code == "unknown_chat" and error.chat_id is not None:
                    self._leave(chat, error)

    def _leave(self, chat: Chat, error: ErrorFrame) -> None:
        if not chat.left:
            self._emit(Notify(event=ChatLeft(chat_id=chat.chat_id)))
        chat.leave()
        self._sending.give_up(chat, error)

    def unanswered(self, request: Sync) -> None:
        """No answer will come: the chats are to be asked for again."""
        for chat in self._fetching(request):
            chat.sync_request = None

    def _fetching(self, request: Sync) -> list[Chat]:
        chats = [self._chats.get(chat_id) for chat_id in request.chats]
        return [chat for chat in chats if chat.sync_request == request.request_id]

    def _sync_later(self, retry_after_ms: int | None = None) -> None:
        self._sync_waiting = True
        delay = self._delays.before_retry(self._sync_attempt, retry_after_ms)
        self._emit(StartTimer(timer="sync", delay=delay))
        self._sync_attempt += 1

    def sync_again(self) -> None:
        """The delay after a failed sync is over."""
        self._sync_waiting = False

    def watch_gap(self, chat: Chat) -> None:
        """Give a missing message a moment to come by itself: live messages may overtake each other.

        The moment doubles as long as fetching does not help, lest a wrong answer be asked for in a circle.
        """
        if chat.has_gap and not chat.behind:
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
        if chat.has_gap:
            chat.gap_attempt += 1
            chat.behind = True

    def doubt(self) -> None:
        """Something speaks of a chat that this user has left: see whether they are in it again."""
        if not self._listing_runs:
            self.list_chats()

    def pinged(self) -> None:
        """A ping went out on a connection that has lasted: look now and then for what was not pushed."""
        self._pings += 1
        if self._pings % self._policy.pings_per_listing == 0:
            self.list_chats()

    def list_chats(self) -> None:
        """Ask which chats there are and how far they reach."""
        self._listing_runs = True
        self._listing += 1
        self._emit(ListChats(listing=self._listing))

    def listed(self, listing: int, chats: Iterable[ChatSummary]) -> None:
        """The listing is here; an older one than the last asked for says nothing."""
        if listing == self._listing:
            self._listed = True
            self._listing_runs = False
            self._listing_attempt = 0
            listed = {summary.chat_id: summary for summary in chats}
            for summary in listed.values():
                self.discovered(summary)
            for chat in self._chats:
                if chat.chat_id not in listed and not chat.left and not chat.behind:
                    chat.look_up()  # left without our having been told, or too new for the listing

    def discovered(self, summary: ChatSummary) -> None:
        """Learn of a chat, and how far it reaches."""
        chat = self._chats.get(summary.chat_id, summary.last_seq, summary.last_change)
        before = chat.state.summary
        known = before.kind or chat.left
        if chat.left:  # true, or older than the leaving: a sync tells
            self._chats.meet_again(chat, summary.last_seq, summary.last_change)
            chat.look_up()
        chat.state.learn(summary, chat.changes.cursor)
        chat.messages.skip_to(summary.visible_after)
        chat.messages.note(summary.last_seq)
        chat.changes.note(summary.last_change)
        chat.behind = chat.behind or chat.has_gap
        if not known:
            self._emit(Notify(event=ChatFound(chat=summary)))
        elif not chat.left and _own_part(chat.state.summary) != _own_part(before):
            self._emit(Notify(event=ChatUpdated(chat=chat.state.summary)))

    def joined(self, summary: ChatSummary) -> None:
        """The service says, live, that this user is in a chat."""
        self.discovered(summary)
        self._chats.get(summary.chat_id).look_up()

    def left(self, chat_id: str) -> None:
        """The service says, live, that this user is in a chat no more: perhaps late, so ask."""
        if chat_id in self._chats:
            self._chats.get(chat_id).look_up()

    def listing_failed(self, listing: int) -> None:
        """Repeat the last listing later."""
        if listing == self._listing:
            delay = self._delays.before_retry(self._listing_attempt)
            self._listing_attempt += 1
            self._emit(StartTimer(timer="list", delay=delay))


def _own_part(chat: ChatSummary) -> tuple[datetime | None, User | None]:
    """Return what of a chat no change tells: its mute and its other member."""
    return chat.muted_until, chat.other_member
