"""The asyncio driver: carries out a session's effects, and is the face that applications see."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING, Self, TypeVar

import httpx
import msgspec
from ulid import ULID

from .api import Api, ChatSummary, Page, tls_context
from .chats import Snapshot
from .errors import AuthenticationFailed, ClientClosed, NotReachable, RequestRefused, SendRefused
from .events import ConnectionChanged, ConnectionState, Event, MessageReceived, MessageRefused, MessageSent
from .frames import ErrorFrame, GetMessages, GetUsers, MessagesFrame, User, UsersFrame
from .policy import Policy
from .runner import Runner
from .session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from types import TracebackType

    from .frames import Message

_Result = TypeVar("_Result")

TEXT_LIMIT = 4_096
"""Characters in a message's text, as the service has it."""


class Endpoints(msgspec.Struct, frozen=True):
    """Where a stack is reached: the root stack's outputs of these names."""

    websocket_url: str
    http_api_url: str


class ChatClient:
    """One user in the chat: sends, receives in order, and stays connected.

    Use it as an async context manager; `events` has one consumer. What fails raises AuthenticationFailed,
    NotReachable, RequestRefused or ClientClosed.
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
            answer=self._answered,
            crashed=self._end,
        )
        self._first: asyncio.Future[None] | None = None
        self._sends: dict[str, asyncio.Future[Message]] = {}
        self._queries: dict[str, asyncio.Future[MessagesFrame | UsersFrame]] = {}
        self._query_count = 0
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

    def snapshot(self) -> Snapshot:
        """Return what a later client needs to go on: what `events` has handed out, and what was not acked."""
        snapshot = self._session.snapshot()
        cursors = dict(snapshot.cursors)
        for event in self._events:
            if isinstance(event, MessageReceived):
                cursors[event.chat_id] = min(cursors[event.chat_id], event.message.seq - 1)
        return Snapshot(cursors=cursors, outbox=snapshot.outbox)

    def enqueue(self, chat_id: str, text: str) -> str:
        """Put a message into the outbox and return its id; MessageSent or MessageRefused follows.

        Raises:
            ValueError: the text is empty or too long.
        """
        if not 0 < len(text) <= TEXT_LIMIT:
            raise ValueError(f"A message has 1 to {TEXT_LIMIT} characters, this one has {len(text)}.")
        if self._ended is not None:
            raise self._ended
        message_id = str(ULID())
        self._runner.do(self._session.send, chat_id, message_id, text)
        return message_id

    async def send(self, chat_id: str, text: str) -> Message:
        """Send a message and return it, durable and numbered, once it is acked.

        Raises:
            ValueError: the text is empty or too long.
            SendRefused: the service does not take it.
            AuthenticationFailed, ClientClosed: it is not sent yet, and stays in the outbox.
        """
        message_id = self.enqueue(chat_id, text)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._sends[message_id] = future
        try:
            return await future
        finally:
            del self._sends[message_id]

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

    async def history(
        self, chat_id: str, *, after: int | None = None, before: int | None = None, limit: int | None = None
    ) -> Page:
        """Return the messages that follow `after`, or precede `before`, or else the newest, ascending."""
        query = GetMessages(
            request_id=self._next_query(), chat_id=chat_id, after=after, before=before, limit=limit
        )
        answer = await self._ask(query)
        if not isinstance(answer, MessagesFrame):
            raise NotReachable("The service answered a query for messages with something else.")
        return Page(messages=answer.messages, has_more=answer.has_more)

    async def users(self, q: str) -> tuple[User, ...]:
        """Return the users whose name begins with `q`, of two characters at least."""
        answer = await self._ask(GetUsers(request_id=self._next_query(), q=q))
        if not isinstance(answer, UsersFrame):
            raise NotReachable("The service answered a query for users with something else.")
        return answer.users

    async def create_direct_chat(self, user_id: str) -> ChatSummary:
        """Return the direct chat with a user, new or as it is."""
        chat = await self.api.create_direct_chat(user_id)
        self._runner.do(self._session.discovered, chat.chat_id, chat.last_seq)
        return chat

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
            case MessageSent(message=message):
                _resolve(self._sends.get(message.id), message)
            case MessageRefused(id=message_id, code=code, message=text, definite=definite):
                _reject(self._sends.get(message_id), SendRefused(code, text, definite=definite))
            case ConnectionChanged(state=ConnectionState.ONLINE):
                _resolve(self._first, None)
            case ConnectionChanged(state=ConnectionState.RECONNECTING, reason=reason):
                _reject(self._first, NotReachable(reason))
            case ConnectionChanged(state=ConnectionState.REFUSED, reason=reason):
                self._reject_all(AuthenticationFailed(reason))
        self._events.append(event)
        self._news.set()

    def _answered(
        self, request_id: str, answer: MessagesFrame | UsersFrame | ErrorFrame | NotReachable
    ) -> None:
        future = self._queries.get(request_id)
        match answer:
            case NotReachable():
                _reject(future, answer)
            case ErrorFrame(code=code, message=message, definite=definite):
                _reject(future, RequestRefused(code, message, definite=definite))
            case _:
                _resolve(future, answer)

    async def _ask(self, query: GetMessages | GetUsers) -> MessagesFrame | UsersFrame:
        if self._ended is not None:
            raise self._ended
        future: asyncio.Future[MessagesFrame | UsersFrame] = asyncio.get_running_loop().create_future()
        self._queries[query.request_id] = future
        try:
            self._runner.do(self._session.query, query)
            return await future
        finally:
            del self._queries[query.request_id]

    def _next_query(self) -> str:
        self._query_count += 1
        return f"q{self._query_count}"

    def _reject_all(self, error: BaseException) -> None:
        _reject(self._first, error)
        for send in self._sends.values():
            _reject(send, error)
        for query in self._queries.values():
            _reject(query, error)

    def _end(self, error: BaseException) -> None:
        """Let nothing wait any longer; the first error that ends the client is the one told."""
        if self._ended is None:
            self._ended = error
            self._reject_all(error)
            self._news.set()


def _resolve(future: asyncio.Future[_Result] | None, result: _Result) -> None:
    if future is not None and not future.done():
        future.set_result(result)


def _reject(future: asyncio.Future[_Result] | None, error: BaseException) -> None:
    if future is not None and not future.done():
        future.set_exception(error)
