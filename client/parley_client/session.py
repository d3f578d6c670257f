"""The chat session: a protocol core without I/O, clock or randomness of its own.

A driver calls a method for each thing that happens and then carries out what `take_effects` returns. The same
calls and effects, as JSON, are the test vectors in tests/client/vectors, which each port of this core passes.

What a chat goes through; while it is `behind`, its outbox stands still:

| chat      | what happens                          | then                                              |
|-----------|---------------------------------------|---------------------------------------------------|
| any       | a connection opened                   | behind: sync from both cursors                    |
| behind    | sync answered, more to come           | sync the next page                                |
| behind    | sync answered, no more                | level                                             |
| behind    | sync failed, retryable                | sync again after full jitter                      |
| behind    | sync says unknown_chat                | left: its outbox is refused                       |
| level     | something came before its turn        | `gap` timer; if the gap stays until then: behind  |
| level     | a listing shows more than we know     | behind                                            |
| level     | a frame `chat` or `left`              | behind: it may be late, the sync decides          |
| left      | a push from it                        | a listing, unless one is on its way               |
| left      | a listing or a frame `chat` has it    | behind, and left until its sync is answered       |
| level     | the outbox holds something            | in flight: one frame, `after` = cursor, for good  |
| in flight | acked, or its ids came by another way | level: sent                                       |
| in flight | no answer in time                     | the same frame again, and a ping                  |
| in flight | the connection is lost                | the same frame again, once level on the next      |
| in flight | error, retryable                      | the same frame again after full jitter            |
| in flight | error, retryable, with retryAfterMs   | as before; until then no chat sends               |
| in flight | error token_expired                   | a new connection, as if this one was lost         |
| in flight | error sync_required or bad_after      | behind; what did not land is framed anew          |
| in flight | error bad_after twice in a row        | the service lost this history: behind from 0      |
| in flight | other error, several messages         | level: each message in a frame of its own         |
| in flight | other error, one message              | level: refused                                    |

A chat has two logs, of messages and of changes to them and to itself; each has its cursor and may have a gap.
A message is taken as it is when its turn comes, whichever frame brought its latest version.

A message may be given a new `after` because everything up to it was looked through for the message's id: the
cursor moves only over messages that were received here, so the id cannot hide below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .activity import Activity
from .catch_up import CatchUp
from .chats import Chats, Snapshot
from .connections import Connections
from .dispatch import Dispatch, Parts
from .frames import decode
from .policy import Delays, Policy
from .queries import Queries
from .receipts import Receipts
from .receiving import Receiving
from .requests import Requests
from .sending import Sending
from .server_frames import ErrorFrame, GatewayErrorFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .chat_state import ChatView
    from .client_frames import Query
    from .effects import Effect
    from .events import ConnectionState
    from .values import ChatSummary, Member, NewMessage


class Session:
    """One user's chats over connections that come and go."""

    def __init__(self, policy: Policy, random: Callable[[], float], snapshot: Snapshot) -> None:
        """Start offline, where `snapshot` left off; `random` returns numbers from [0, 1)."""
        self._effects: list[Effect] = []
        emit = self._effects.append
        delays = Delays(policy, random)
        self._chats = chats = Chats(snapshot, policy.backlog)
        self._connections = Connections(emit, policy, delays)
        self._requests = requests = Requests(emit, self._connections, policy.request_timeout)
        self._sending = Sending(emit, policy, delays, chats, requests)
        self._catch_up = CatchUp(emit, policy, delays, chats, requests, self._sending)
        self._receiving = Receiving(emit, chats, requests, self._catch_up)
        self._receipts = Receipts(emit, policy, delays, chats, requests, snapshot.marks)
        self._activity = Activity(emit, policy, delays, chats, requests)
        self._queries = Queries(emit, policy, delays, chats, requests)
        self._dispatch = Dispatch(
            Parts(
                requests,
                self._sending,
                self._catch_up,
                self._receiving,
                self._receipts,
                self._activity,
                self._queries,
            )
        )

    # What the application and its driver ask.

    @property
    def state(self) -> ConnectionState:
        """The connection's state."""
        return self._connections.state

    @property
    def user_id(self) -> str:
        """Who this user is; empty until the first connection has told."""
        return self._receiving.user_id

    def take_effects(self) -> list[Effect]:
        """Return what is to be done since the last call, in order."""
        taken = self._effects[:]
        self._effects.clear()
        return taken

    def snapshot(self) -> Snapshot:
        """Return what a later session needs to go on from here without loss or repetition."""
        return self._chats.snapshot(self._receipts.unconfirmed)

    def chat(self, chat_id: str) -> ChatView | None:
        """Return a chat as it is known now; None if it was never met, or left."""
        if not self._chats.is_in(chat_id):
            return None
        chat = self._chats.get(chat_id)
        return chat.state.view(chat.messages.known, chat.changes.cursor)

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

    def send(self, chat_id: str, message: NewMessage) -> None:
        """Put a message into the chat's outbox; its id is a new ULID."""
        self._chats.get(chat_id).outbox.add(message)
        self._sending.advance()

    def mark(self, chat_id: str, *, delivered_seq: int = 0, read_seq: int = 0) -> None:
        """Tell the others how far this user holds and has read a chat, as far as it was received."""
        self._receipts.mark(chat_id, delivered_seq=delivered_seq, read_seq=read_seq)
        self._receipts.advance()

    def type(self, chat_id: str) -> None:
        """Tell the others that this user is writing; to be called at every keystroke."""
        self._activity.type(chat_id)

    def query(self, query: Query) -> None:
        """Ask for something; one AnswerQuery or FailQuery follows, under the query's request id."""
        self._queries.ask(query)

    # What happens to connections and listings.

    def opened(self, connection: int, user_id: str, expires_in: float | None = None) -> None:
        """A WebSocket is open for this user; its token ends in `expires_in` seconds."""
        self._close(self._connections.draining, "replaced")
        if not self._connections.opened(connection, expires_in):
            return
        self._receiving.user_id = user_id
        self._catch_up.begin()
        self._queries.ask_all()
        self._advance()

    def open_failed(
        self, connection: int, reason: str, *, refused: bool = False, retry_after: float = 0.0
    ) -> None:
        """A WebSocket could not be opened; try again, in `retry_after` seconds at least, unless `refused`."""
        self._connections.open_failed(connection, reason, refused=refused, retry_after=retry_after)

    def lost(self, connection: int, reason: str) -> None:
        """A connection is closed, from whichever side."""
        self._release(connection)
        self._connections.lost(connection, reason)
        self._advance()

    def chats_listed(self, listing: int, chats: Iterable[ChatSummary]) -> None:
        """GET /chats was answered."""
        self._catch_up.listed(listing, chats)
        self._advance()

    def listing_failed(self, listing: int) -> None:
        """GET /chats was not answered."""
        self._catch_up.listing_failed(listing)

    def discovered(self, chat: ChatSummary) -> None:
        """Learn of a chat outside a listing: the service has answered that this user is in it."""
        self._catch_up.discovered(chat)
        self._advance()

    def members_listed(self, chat_id: str, members: Iterable[Member], last_change: int | None = None) -> bool:
        """The service has told who is in a chat, knowing its changes up to `last_change`.

        None: it knew everything that was received by now. Return False where it did not know a change of the
        members that was received: list again.
        """
        if not self._chats.is_in(chat_id):
            return True
        chat = self._chats.get(chat_id)
        return chat.state.learn_members(members, chat.changes.cursor if last_change is None else last_change)

    def received(self, connection: int, data: str | bytes) -> None:
        """A frame arrived. What it says is true whichever connection brought it."""
        self._connections.heard(connection)
        frame = decode(data)
        if isinstance(frame, GatewayErrorFrame):
            frame = ErrorFrame(code="gateway", message=frame.message, retryable=True)
        if isinstance(frame, ErrorFrame) and frame.code in {"token_expired", "signed_out"}:
            self._close(connection, "the access token has ended")
        elif isinstance(frame, ErrorFrame):
            self._dispatch.failed(connection, frame)
        else:
            self._dispatch.received(frame)
        self._advance()

    def timer_fired(self, timer: str) -> None:
        """A timer that a StartTimer effect started has run out."""
        name, _, key = timer.partition(":")
        act: dict[str, Callable[[], None]] = {
            "reconnect": self._connections.reconnect,
            "renew": self._connections.renew,
            "steady": self._connections.steady,
            "ping": self._heartbeat,
            "pong": lambda: self._close(self._connections.current, "no answer to a ping"),
            "drain": lambda: self._close(self._connections.draining, "replaced"),
            "list": self._catch_up.list_chats,
            "sync": self._catch_up.sync_again,
            "gap": lambda: self._catch_up.gap_stayed(key),
            "send": lambda: self._sending.repeat(key),
            "limit": self._sending.limit_over,
            "receipt": lambda: self._receipts.rested(key),
            "typed": lambda: self._activity.may_tell_again(key),
            "typing": lambda: self._activity.writing_over(key),
            "query": lambda: self._queries.ask_again(key),
            "request": lambda: self._timed_out(key),
        }
        act[name]()
        self._advance()

    # Requests and connections.

    def _advance(self) -> None:
        self._catch_up.advance()
        self._sending.advance()
        self._receipts.advance()
        draining = self._connections.draining
        if draining is not None and not self._requests.on(draining):
            self._close(draining, "replaced")

    def _heartbeat(self) -> None:
        self._connections.heartbeat()
        self._catch_up.pinged()

    def _close(self, connection: int | None, reason: str) -> None:
        if connection is not None:
            self._release(connection)
            self._connections.close(connection, reason)

    def _release(self, connection: int | None) -> None:
        """Free what waits for answers on a connection, so that it is asked again on the next."""
        for request_id in self._requests.on(connection):
            if (request := self._requests.finish(request_id)) is not None:
                self._dispatch.unanswered(request)

    def _timed_out(self, request_id: str) -> None:
        request = self._requests.timed_out(request_id)
        if not self._queries.timed_out(request_id) and request is not None:
            self._dispatch.unanswered(request)
        if request is not None:
            self._connections.ping()
