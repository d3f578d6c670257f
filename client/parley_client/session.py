"""The chat session: a protocol core without I/O, clock or randomness of its own.

A driver calls a method for each thing that happens and then carries out what `take_effects` returns. The same
calls and effects, as JSON, are the test vectors in tests/client/vectors, which each port of this core passes.

What a chat goes through; while it is `behind`, its outbox stands still:

| chat      | what happens                          | then                                              |
|-----------|---------------------------------------|---------------------------------------------------|
| any       | a connection opened                   | behind: sync from the cursor                      |
| behind    | sync answered, more to come           | sync the next page                                |
| behind    | sync answered, no more                | level                                             |
| behind    | sync failed, retryable                | sync again after full jitter                      |
| behind    | sync refused because of this chat     | level: there is nothing to be had                 |
| level     | a message came before its turn        | `gap` timer; if the gap stays until then: behind  |
| level     | a listing shows more than we know     | behind                                            |
| level     | the outbox holds something            | in flight: one frame, `after` = cursor, for good  |
| in flight | acked, or its ids came by another way | level: sent                                       |
| in flight | no answer in time                     | the same frame again, and a ping                  |
| in flight | the connection is lost                | the same frame again, once level on the next      |
| in flight | error, retryable                      | the same frame again after full jitter            |
| in flight | error token_expired                   | a new connection, as if this one was lost         |
| in flight | error sync_required or bad_after      | behind; what did not land is framed anew          |
| in flight | error bad_after twice in a row        | the service lost this history: behind from 0      |
| in flight | other error, several messages         | level: each message in a frame of its own         |
| in flight | other error, one message              | level: refused                                    |

A message may be given a new `after` because everything up to it was looked through for the message's id: the
cursor moves only over messages that were received here, so the id cannot hide below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .catch_up import CatchUp
from .chats import Chats, Snapshot
from .connections import Connections
from .effects import AnswerQuery, Effect, FailQuery, Notify
from .events import MessageReceived, MessageSent
from .frames import (
    AckFrame,
    ErrorFrame,
    GatewayErrorFrame,
    GetMessages,
    GetUsers,
    Message,
    MessageFrame,
    MessagesFrame,
    NewMessage,
    SendMessage,
    Sync,
    SyncFrame,
    UsersFrame,
    decode,
)
from .policy import Delays, Policy
from .requests import Request, Requests
from .sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .events import ConnectionState


class Session:
    """One user's chats over connections that come and go."""

    def __init__(self, policy: Policy, random: Callable[[], float], snapshot: Snapshot) -> None:
        """Start offline, where `snapshot` left off; `random` returns numbers from [0, 1)."""
        self._effects: list[Effect] = []
        emit = self._effects.append
        delays = Delays(policy, random)
        self._emit = emit
        self._user_id = ""
        self._chats = Chats(snapshot, policy.backlog)
        self._connections = Connections(emit, policy, delays)
        self._requests = Requests(emit, self._connections, policy.request_timeout)
        self._catch_up = CatchUp(emit, policy, delays, self._chats, self._requests)
        self._sending = Sending(emit, policy, delays, self._chats, self._requests)
        self._queries: dict[str, GetMessages | GetUsers] = {}

    # What the application and its driver ask.

    @property
    def state(self) -> ConnectionState:
        """The connection's state."""
        return self._connections.state

    def take_effects(self) -> list[Effect]:
        """Return what is to be done since the last call, in order."""
        taken = self._effects[:]
        self._effects.clear()
        return taken

    def snapshot(self) -> Snapshot:
        """Return the cursors and the outbox; a later session goes on from them without loss or repetition."""
        return self._chats.snapshot()

    def start(self) -> None:
        """Go online and stay so; after a refusal, try again."""
        self._connections.start()

    def stop(self) -> None:
        """Close the connections; the outbox stays."""
        for connection in (self._connections.draining, self._connections.current):
            self._release(connection)
        self._connections.stop()

    def probe(self) -> None:
        """Check the connection, or open one, at once: the network or the process may have been asleep."""
        self._connections.probe()

    def send(self, chat_id: str, message_id: str, text: str) -> None:
        """Put a message into the chat's outbox; `message_id` is a new ULID."""
        self._chats.get(chat_id).outbox.add(NewMessage(id=message_id, text=text))
        self._sending.advance()

    def query(self, query: GetMessages | GetUsers) -> None:
        """Ask for history or users; one AnswerQuery or FailQuery follows, under the query's request id."""
        self._queries[query.request_id] = query
        self._requests.send(query)

    # What happens to connections and listings.

    def opened(self, connection: int, user_id: str, expires_in: float | None = None) -> None:
        """A WebSocket is open for this user; its token ends in `expires_in` seconds."""
        self._close(self._connections.draining, "replaced")
        if not self._connections.opened(connection, expires_in):
            return
        self._user_id = user_id
        self._catch_up.begin()
        for query in self._queries.values():
            self._requests.send(query)
        self._advance()

    def open_failed(self, connection: int, reason: str, *, refused: bool = False) -> None:
        """A WebSocket could not be opened; `refused` if the service does not accept our token."""
        self._connections.open_failed(connection, reason, refused=refused)

    def lost(self, connection: int, reason: str) -> None:
        """A connection is closed, from whichever side."""
        self._release(connection)
        self._connections.lost(connection, reason)
        self._advance()

    def chats_listed(self, listing: int, tails: Mapping[str, int]) -> None:
        """GET /chats was answered: each chat and the number of its last message."""
        self._catch_up.listed(listing, tails)
        self._advance()

    def listing_failed(self, listing: int) -> None:
        """GET /chats was not answered."""
        self._catch_up.listing_failed(listing)

    def discovered(self, chat_id: str, tail: int) -> None:
        """Learn, outside a listing, of a chat whose messages reach up to `tail`."""
        self._catch_up.discovered(chat_id, tail)
        self._advance()

    def received(self, connection: int, data: str | bytes) -> None:
        """A frame arrived. What it says is true whichever connection brought it."""
        self._connections.heard(connection)
        match decode(data):
            case MessageFrame(chat_id=chat_id, message=message):
                self._take_in(chat_id, (message,))
            case AckFrame() as frame:
                self._acked(frame)
            case SyncFrame() as frame:
                self._synced(frame)
            case MessagesFrame() | UsersFrame() as frame:
                self._answer(frame.request_id, frame)
            case ErrorFrame() as frame:
                self._failed(connection, frame)
            case GatewayErrorFrame(message=message):
                self._failed(connection, ErrorFrame(code="gateway", message=message, retryable=True))
        self._advance()

    def timer_fired(self, timer: str) -> None:
        """A timer that a StartTimer effect started has run out."""
        name, _, key = timer.partition(":")
        act: dict[str, Callable[[], None]] = {
            "reconnect": self._connections.reconnect,
            "renew": self._connections.renew,
            "ping": self._heartbeat,
            "pong": lambda: self._close(self._connections.current, "no answer to a ping"),
            "drain": lambda: self._close(self._connections.draining, "replaced"),
            "list": self._catch_up.list_chats,
            "sync": self._catch_up.sync_again,
            "gap": lambda: self._catch_up.gap_stayed(key),
            "send": lambda: self._sending.repeat(key),
            "request": lambda: self._timed_out(key),
        }
        act[name]()
        self._advance()

    # Frames.

    def _take_in(self, chat_id: str, messages: Iterable[Message]) -> None:
        """Hand on the messages whose turn has come; one of our own among them is durable, acked or not."""
        chat = self._chats.get(chat_id, max((message.seq for message in messages), default=0))
        for message in messages:
            carrier = chat.outbox.request_id
            if chat.outbox.settle(message.id) is not None:
                self._emit(Notify(event=MessageSent(chat_id=chat_id, message=message)))
            if carrier is not None and chat.outbox.request_id is None:
                self._requests.finish(carrier)
        for message in chat.log.receive(messages):
            chat.gap_attempt = 0
            self._emit(Notify(event=MessageReceived(chat_id=chat_id, message=message)))
        self._catch_up.watch_gap(chat)

    def _acked(self, frame: AckFrame) -> None:
        chat = self._chats.get(frame.chat_id)
        own = []
        for acked in frame.messages:
            chat.log.note(acked.seq)
            if (sent := chat.outbox.find(acked.id)) is not None:
                own.append(acked.of(self._user_id, sent.text))
        request = self._requests.finish(frame.request_id)
        self._take_in(frame.chat_id, (*frame.missed, *own))
        if isinstance(request, SendMessage):
            self._sending.acked(request)

    def _synced(self, frame: SyncFrame) -> None:
        for page in frame.chats:
            self._take_in(page.chat_id, page.messages)
        if isinstance(request := self._requests.finish(frame.request_id), Sync):
            self._catch_up.answered(request, frame)

    def _failed(self, connection: int, error: ErrorFrame) -> None:
        """Find the request that an error is about; if it names none, it must be the only one that waits."""
        request_id = error.request_id
        if request_id is None and len(waiting := self._requests.on(connection)) == 1:
            request_id = waiting[0]
        if error.code == "token_expired":
            self._close(connection, "the access token has expired")
            return
        match self._requests.finish(request_id or ""):
            case SendMessage() as request:
                self._sending.failed(request, error)
            case Sync() as request:
                self._catch_up.failed(request, error)
            case GetMessages() | GetUsers() as request:
                self._answer(request.request_id, error)

    def _answer(self, request_id: str, answer: MessagesFrame | UsersFrame | ErrorFrame) -> None:
        self._requests.finish(request_id)
        if self._queries.pop(request_id, None) is not None:
            self._emit(AnswerQuery(request_id=request_id, answer=answer))

    # Requests and connections.

    def _advance(self) -> None:
        self._catch_up.advance()
        self._sending.advance()
        draining = self._connections.draining
        if draining is not None and not self._requests.on(draining):
            self._close(draining, "replaced")

    def _heartbeat(self) -> None:
        self._connections.heartbeat()
        self._catch_up.list_chats()

    def _close(self, connection: int | None, reason: str) -> None:
        if connection is not None:
            self._release(connection)
            self._connections.close(connection, reason)

    def _release(self, connection: int | None) -> None:
        """Free what waits for answers on a connection, so that it is asked again on the next."""
        for request_id in self._requests.on(connection):
            if (request := self._requests.finish(request_id)) is not None:
                self._unanswered(request)

    def _unanswered(self, request: Request) -> None:
        match request:
            case SendMessage():
                self._sending.unanswered(request)
            case Sync():
                self._catch_up.unanswered(request)
            case _:
                self._requests.hold(request)

    def _timed_out(self, request_id: str) -> None:
        request = self._requests.timed_out(request_id)
        if self._queries.pop(request_id, None) is not None:
            self._emit(FailQuery(request_id=request_id))
        elif request is not None:
            self._unanswered(request)
        if request is not None:
            self._connections.ping()
