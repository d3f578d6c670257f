"""One user's device: a session over real connections, with everything it does and sees recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.event import Event as Signal
from ulid import ULID

from parley_client import events
from parley_client.chats import Snapshot
from parley_client.events import ConnectionState
from parley_client.frames import decode
from parley_client.policy import Policy
from parley_client.server_frames import ErrorFrame, GatewayErrorFrame
from parley_client.session import Session
from parley_client.values import NewMessage

from .driver import Driver
from .history import (
    Acked,
    Connected,
    Disconnected,
    Ended,
    Failed,
    Joined,
    Kind,
    Refused,
    Sent,
    Shown,
    Slowed,
    now,
)
from .stamps import Stamp, read_stamp, stamped

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from parley_client.client_frames import SendMessage
    from parley_client.events import Event
    from parley_client.server_frames import Answer
    from parley_client.values import Attachment, AttachmentDraft, ChatSummary, Message

    from .driver import Service
    from .fan_out import Arrivals
    from .population import Person
    from .recorder import Recorder


class Device:
    """A session and its driver, seen as a user sees a chat: send, wait, read, go away, come back."""

    def __init__(
        self,
        person: Person,
        service: Service,
        websocket_url: str,
        recorder: Recorder,
        arrivals: Arrivals,
        random: Random,
        clock: str,
    ) -> None:
        """Be this person's only device; `clock` names the machine's clock, `random` repeats."""
        self.name = f"{person.username}.1"
        self.cursors: dict[str, int] = dict.fromkeys(person.chats, 0)
        """Up to which number each chat was shown."""
        self.tails: dict[str, int] = {}
        """The last number of each chat, as the latest listing told."""
        self.returned: Callable[[], None] = lambda: None
        """Called when it shows everything again after an absence; must not block."""
        self.error: BaseException | None = None
        """What nobody expected; the user ends with it."""
        self._person = person
        self._recorder = recorder
        self._arrivals = arrivals
        self._random = random
        self._clock = clock
        self._unacked: dict[str, Stamp] = {}
        self._files: list[tuple[str, Attachment]] = []
        self._framed: set[str] = set()
        self._news = Signal()
        self._opened = 0
        """Since when it is online; a connection that replaces another in time changes nothing."""
        self._absent = False
        """Whether it had been online before the current connection opened, and was not for a while."""
        self._level = False
        """Whether everything written before the current connection has been shown."""
        self._listings = 0
        self._settling_since: int | None = None
        """Since when it waits for nothing but what it lacks; None where it does not, or went offline then."""
        self._ended = False
        self._session = Session(Policy(), random.random, Snapshot())
        self._driver = Driver(self._session, service, websocket_url, self)
        for chat_id in person.chats:
            recorder.write(Joined(device=self.name, user_id=person.user_id, chat_id=chat_id))

    # What a user does.

    def start(self) -> None:
        """Go online and stay so."""
        self._driver.do(self._session.start)

    def go_away(self) -> None:
        """Close the connection; what is written meanwhile waits."""
        self._driver.do(self._session.stop)

    def drop(self) -> None:
        """Break the connection off, as a failing network would; the session comes back by itself."""
        self._driver.drop()

    def send(self, chat_id: str, due: int = 0, *, attachment: AttachmentDraft | None = None) -> str:
        """Send a message of a few words that was due then, or now; return its id."""
        sent = now()
        stamp = Stamp(self._clock, due or sent, sent)
        message = NewMessage(str(ULID()), stamped(stamp, self._random), attachment=attachment)
        self._unacked[message.id] = stamp
        self._recorder.write(Sent(device=self.name, chat_id=chat_id, id=message.id, at=sent))
        self._driver.do(self._session.send, chat_id, message)
        return message.id

    @property
    def unacked(self) -> int:
        """How many messages wait for their ack."""
        return len(self._unacked)

    @property
    def level(self) -> bool:
        """Whether it is online, and shows everything that was written before it came online."""
        return self._level and self._session.state is ConnectionState.ONLINE

    def take_files(self) -> list[tuple[str, Attachment]]:
        """Return the files that others have sent since this was last asked, each with its chat."""
        taken, self._files = self._files, []
        return taken

    def wait(self, timeout: float | None = None) -> None:
        """Wait until something happens, at most so many seconds.

        Raises:
            BaseException: what nobody expected has ended the session.
        """
        self._news.clear()
        if self.error is None:
            self._news.wait(None if timeout is None else max(0.0, timeout))
        if self.error is not None:
            raise self.error

    def drain(self, patience: float) -> None:
        """Wait until it is online and everything it sent is acked, at most so many seconds."""
        end = now() + int(patience * 1e9)
        while (self._unacked or not self.level) and now() < end:
            self.wait((end - now()) / 1e9)

    def settle(self, patience: float) -> None:
        """Wait until it shows all that a fresh listing tells of, at most so many seconds."""
        if not self.level:
            return
        self._settling_since = now()
        end, listings = now() + int(patience * 1e9), self._listings
        self._driver.check()
        while (self._listings == listings or self._lacks()) and now() < end:
            self.wait((end - now()) / 1e9)

    def _lacks(self) -> bool:
        return any(self.cursors.get(chat_id, 0) < tail for chat_id, tail in self.tails.items())

    def close(self) -> None:
        """Close the connection, leave no greenlet behind, and write the last record."""
        if self._ended:
            return
        self._ended = True
        waited_since = self._settling_since if self.level else None
        self._recorder.write(Ended(device=self.name, waited_since=waited_since, cursors=dict(self.cursors)))
        self._driver.close()

    # What its driver observes.

    def notify(self, event: Event) -> None:
        """Record what the session tells."""
        if self._ended:
            return
        match event:
            case events.MessageReceived(chat_id=chat_id, message=message):
                self._shown(chat_id, message)
            case events.MessageSent(chat_id=chat_id, message=message):
                self._acked(chat_id, message)
            case events.MessageRefused(chat_id=chat_id, id=id_, code=code, definite=definite):
                self._refused(chat_id, id_, code, definite=definite)
            case events.ConnectionChanged(state=state, reason=reason):
                self._changed(state, reason)
            case events.CaughtUp():
                self._caught_up()
        self._news.set()

    def _shown(self, chat_id: str, message: Message) -> None:
        self.cursors[chat_id] = message.seq
        at = now()
        self._recorder.write(
            Shown(
                device=self.name,
                chat_id=chat_id,
                id=message.id,
                seq=message.seq,
                sender_id=message.sender_id,
                at=at,
            )
        )
        if message.sender_id == self._person.user_id:
            return
        if message.attachment is not None:
            self._files.append((chat_id, message.attachment))
        stamp = read_stamp(message.text)
        if stamp is None or stamp.clock != self._clock:
            return
        self._arrivals.note(chat_id, message.id, stamp, at)
        if stamp.sent >= self._opened:  # what was sent while it was away is the sync's
            self._recorder.measured(Kind.DELIVERED, stamp.due, stamp.sent, end=at)

    def _acked(self, chat_id: str, message: Message) -> None:
        self._recorder.write(Acked(device=self.name, chat_id=chat_id, id=message.id, seq=message.seq))
        self._framed.discard(message.id)
        if (stamp := self._unacked.pop(message.id, None)) is not None:
            self._recorder.measured(Kind.ACK, stamp.due, stamp.sent)

    def _refused(self, chat_id: str, message_id: str, code: str, *, definite: bool) -> None:
        self._recorder.write(
            Refused(device=self.name, chat_id=chat_id, id=message_id, code=code, definite=definite)
        )
        self._framed.discard(message_id)
        if (stamp := self._unacked.pop(message_id, None)) is not None:
            self._recorder.measured(Kind.ACK, stamp.due, stamp.sent, code)

    def _changed(self, state: ConnectionState, reason: str) -> None:
        if state is ConnectionState.ONLINE:
            self._recorder.write(Connected(device=self.name))
            return
        if self._opened and not self._absent:
            self._recorder.write(Disconnected(device=self.name, reason=reason))
            self._absent = True
        self._level = False
        self._settling_since = None

    def _caught_up(self) -> None:
        self._level = True
        if self._absent:
            self._absent = False
            self._recorder.measured(Kind.SYNC, self._opened, self._opened)
            self.returned()

    def answered(self, request_id: str, answer: Answer | None) -> None:
        """No device here asks what the session's queries ask."""

    def connecting(self, began: int, error: str) -> None:
        """Measure how long it took to be online, or to fail to be."""
        self._recorder.measured(Kind.CONNECT, began, began, error)
        if not error and (self._absent or not self._opened):
            self._opened = now()

    def arrived(self, data: str | bytes) -> None:
        """Count the errors that the session deals with by itself: users do not see them."""
        text = data if isinstance(data, str) else data.decode(errors="replace")
        if '"type":"message"' in text:
            return
        frame = decode(data)
        if isinstance(frame, GatewayErrorFrame):
            self._failed("gateway")
        elif isinstance(frame, ErrorFrame) and frame.retry_after_ms is not None:
            self._recorder.write(Slowed(device=self.name, milliseconds=frame.retry_after_ms))
            self._recorder.count("slow down", frame.retry_after_ms)
        elif isinstance(frame, ErrorFrame):
            self._failed(frame.code)

    def _failed(self, code: str) -> None:
        self._recorder.write(Failed(device=self.name, code=code))
        self._recorder.count(f"error {code}", 0, code)

    def framed(self, frame: SendMessage) -> None:
        """Count messages that are sent again because their ack did not come."""
        for message in frame.messages:
            if message.id in self._framed:
                stamp = self._unacked.get(message.id)
                self._recorder.count("send again", (now() - stamp.sent) / 1e6 if stamp else 0)
            self._framed.add(message.id)

    def listed(self, chats: tuple[ChatSummary, ...]) -> None:
        """Keep how far each chat reaches."""
        self._listings += 1
        self.tails = {chat.chat_id: chat.last_seq for chat in chats}
        self._news.set()

    def crashed(self, error: BaseException) -> None:
        """End the user with the error, at their next wait."""
        self.error = error
        self._news.set()
