"""The asyncio driver: carries out a session's effects, and is the face that applications see."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING, Self

import httpx
import msgspec
from ulid import ULID

from .api import Api, tls_context
from .chats import Snapshot
from .errors import AuthenticationFailed, ClientClosed, NotReachable
from .events import ChatChanged, ConnectionChanged, ConnectionState, Event, MessageChanged, MessageReceived
from .policy import Policy
from .questions import Questions
from .runner import Runner
from .session import Session
from .values import NewMessage
from .waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from .chat_state import ChatView
    from .client_frames import Query
    from .values import AttachmentDraft, ChatSummary, Member, Message

TEXT_LIMIT = 4_096
"""Characters in a message's text, as the service has it."""
_LISTINGS = 3
"""How often the members are listed while changes keep coming."""


class Endpoints(msgspec.Struct, frozen=True):
    """Where a stack is reached: the root stack's outputs of these names."""

    websocket_url: str
    http_api_url: str


class ChatClient(Questions):
    """One user in the chat: sends, receives in order, and stays connected.

    Use it as an async context manager; `events` has one consumer. What fails raises AuthenticationFailed,
    NotReachable, RequestRefused or ClientClosed. What the HTTP API alone offers is in `api`.
    """

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        tokens: Callable[[], Awaitable[str]],
        cursors: Mapping[str, int] | None = None,
        snapshot: Snapshot | None = None,
        policy: Policy | None = None,
        wait: bool = True,
    ) -> None:
        """Make a client that is not connected yet.

        Args:
            endpoints: where the stack is.
            tokens: returns a Cognito access token valid now; asked before every connection and request.
                It raises AuthenticationFailed or NotReachable.
            cursors: the last number already held of each chat; of other chats everything is received.
            snapshot: what `snapshot` returned earlier, with the outbox; takes the place of `cursors`.
            policy: timeouts, delays and limits.
            wait: whether entering waits for the first connection, and raises if there is none; otherwise the
                client starts offline and goes online when it can.
        """
        super().__init__(self._put_query, Waiting())
        self._wait = wait
        self._session = Session(
            policy or Policy(),
            random.SystemRandom().random,
            snapshot or Snapshot(cursors=dict(cursors or {})),
        )
        self._http = httpx.AsyncClient(timeout=10, verify=tls_context())
        self.api = Api(endpoints.http_api_url, tokens, self._http)
        """The REST API as this user."""
        self._runner = Runner(
            self._session,
            self.api,
            endpoints.websocket_url,
            notify=self._notify,
            answer=self._waiting.answered,
            crashed=self._end,
        )
        self._first: asyncio.Future[None] | None = None
        self._events: deque[Event] = deque()
        self._news = asyncio.Event()
        self._ended: BaseException | None = None

    async def __aenter__(self) -> Self:
        """Connect, and stay connected until the exit."""
        if self._wait:
            self._first = asyncio.get_running_loop().create_future()
        self._runner.do(self._session.start)
        if self._first is not None:
            try:
                await self._first
            except BaseException:
                await self.close()
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection and end `events`; what was not acked is in `snapshot`."""
        await self._runner.close()
        self._end(ClientClosed("The client was closed."))
        await self._http.aclose()

    # What an application does.

    @property
    def state(self) -> ConnectionState:
        """The connection's state."""
        return self._session.state

    @property
    def user_id(self) -> str:
        """Who this user is; empty until the first connection has told."""
        return self._session.user_id

    def snapshot(self) -> Snapshot:
        """Return what a later client needs to go on: what `events` has handed out, and what was not acked."""
        snapshot = self._session.snapshot()
        cursors, changes = dict(snapshot.cursors), dict(snapshot.changes)
        for event in self._events:
            if isinstance(event, MessageReceived) and event.chat_id in cursors:
                cursors[event.chat_id] = min(cursors[event.chat_id], event.message.seq - 1)
            elif isinstance(event, MessageChanged | ChatChanged) and event.chat_id in changes:
                changes[event.chat_id] = min(changes[event.chat_id], event.change.number - 1)
        return msgspec.structs.replace(snapshot, cursors=cursors, changes=changes)

    def chat(self, chat_id: str) -> ChatView | None:
        """Return a chat as it is known now, without asking; None if this user is not known to be in it."""
        return self._session.chat(chat_id)

    def enqueue(
        self,
        chat_id: str,
        text: str,
        *,
        reply_to: int | None = None,
        mentions: Sequence[str] = (),
        attachment: AttachmentDraft | None = None,
    ) -> str:
        """Put a message into the outbox and return its id; MessageSent or MessageRefused follows.

        Args:
            chat_id: the chat.
            text: what to say; may be empty beside an attachment.
            reply_to: the number of the message that it replies to.
            mentions: the members whom it names, by user id.
            attachment: what `api.media.upload` returned.

        Raises:
            ValueError: the text is empty or too long.
        """
        if not (0 < len(text) <= TEXT_LIMIT or (attachment and not text)):
            raise ValueError(f"A message has 1 to {TEXT_LIMIT} characters, this one has {len(text)}.")
        if self._ended is not None:
            raise self._ended
        message = NewMessage(str(ULID()), text, reply_to, tuple(mentions), attachment)
        self._runner.do(self._session.send, chat_id, message)
        return message.id

    async def send(
        self,
        chat_id: str,
        text: str,
        *,
        reply_to: int | None = None,
        mentions: Sequence[str] = (),
        attachment: AttachmentDraft | None = None,
    ) -> Message:
        """Send a message, as `enqueue` does, and return it, durable and numbered, once it is acked.

        Raises:
            ValueError: the text is empty or too long.
            SendRefused: the service does not take it.
            AuthenticationFailed, ClientClosed: it is not sent yet, and stays in the outbox.
        """
        message_id = self.enqueue(chat_id, text, reply_to=reply_to, mentions=mentions, attachment=attachment)
        return await self._waiting.for_send(message_id)

    def mark_read(self, chat_id: str, seq: int) -> None:
        """Tell the others, soon, that this user has read a chat up to a message that was received."""
        self._runner.do(self._session.mark, chat_id, read_seq=seq)

    def mark_delivered(self, chat_id: str, seq: int) -> None:
        """Tell the others, soon, that this user holds a chat up to a message that was received."""
        self._runner.do(self._session.mark, chat_id, delivered_seq=seq)

    def typing(self, chat_id: str) -> None:
        """Tell the others that this user is writing; to be called at every keystroke."""
        self._runner.do(self._session.type, chat_id)

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happens, from the start on, until the client is closed."""
        while True:
            while self._events:
                yield self._events.popleft()
            if self._ended is not None:
                if isinstance(self._ended, ClientClosed):
                    return
                raise self._ended
            self._news.clear()
            await self._news.wait()

    async def members(self, chat_id: str) -> tuple[Member, ...]:
        """Return who is in a chat; `chat` knows it from then on, as changes and receipts come.

        How far others got while this device was away comes with neither: list again after CaughtUp.
        """
        for _ in range(_LISTINGS):
            listing = await self.api.members(chat_id)
            if self._runner.do(self._session.members_listed, chat_id, listing.members, listing.last_change):
                break
        return listing.members

    async def create_direct_chat(self, user_id: str) -> ChatSummary:
        """Return the direct chat with a user, new or as it is."""
        return self._found(await self.api.create_direct_chat(user_id))

    async def create_group(
        self, name: str, member_ids: Sequence[str], *, history: str = "start"
    ) -> ChatSummary:
        """Return a new group; who joins later sees its history from the "start", or from their "joining"."""
        return self._found(await self.api.create_group(str(ULID()), name, member_ids, history=history))

    async def create_channel(self, name: str) -> ChatSummary:
        """Return a new channel, which anyone can join."""
        return self._found(await self.api.create_channel(str(ULID()), name))

    async def chats(self) -> tuple[ChatSummary, ...]:
        """Return all chats of this user."""
        return await self.api.chats()

    def probe(self) -> None:
        """Check the connection, or connect, at once: after a sleep, a change of network, a new sign-in."""
        self._runner.do(self._session.probe)

    def drop(self) -> None:
        """Break the connection off, as a failing network would; the client reconnects by itself."""
        self._runner.drop()

    # What the runner reports.

    def _notify(self, event: Event) -> None:
        match event:
            case ConnectionChanged(state=ConnectionState.ONLINE):
                self._entered(None)
            case ConnectionChanged(state=ConnectionState.RECONNECTING, reason=reason):
                self._entered(NotReachable(reason))
            case ConnectionChanged(state=ConnectionState.REFUSED, reason=reason):
                self._entered(AuthenticationFailed(reason))
                self._waiting.fail(AuthenticationFailed(reason))
            case _:
                self._waiting.notify(event)
        self._events.append(event)
        self._news.set()

    def _entered(self, error: Exception | None) -> None:
        if self._first is not None and not self._first.done():
            if error is None:
                self._first.set_result(None)
            else:
                self._first.set_exception(error)

    def _put_query(self, query: Query) -> None:
        if self._ended is not None:
            raise self._ended
        self._runner.do(self._session.query, query)

    def _found(self, chat: ChatSummary) -> ChatSummary:
        self._runner.do(self._session.discovered, chat)
        return chat

    def _end(self, error: BaseException) -> None:
        if self._ended is None:
            self._ended = error
            if isinstance(error, Exception):
                self._entered(error)
            self._waiting.fail(error)
            self._news.set()
