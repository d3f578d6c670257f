"""Carries out a session's effects on asyncio: connections, timers, listings. It decides nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from . import effects
from .errors import AuthenticationFailed, ConnectThrottled, NotReachable, RequestRefused, TooManyRequests
from .frames import encode
from .tickets import Tickets
from .websocket import converse, open_websocket

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from websockets.asyncio.client import ClientConnection

    from .api import Api
    from .events import Event
    from .server_frames import Answer
    from .session import Session
    from .tokens import Claims

_Answer = TypeVar("_Answer")


class Runner:
    """Runs one session until it is closed."""

    def __init__(
        self,
        session: Session,
        api: Api,
        websocket_url: str,
        *,
        notify: Callable[[Event], None],
        answer: Callable[[str, Answer | NotReachable], None],
        crashed: Callable[[BaseException], None],
    ) -> None:
        """Run `session` against a stack.

        Args:
            session: the session; from now on only told of things through `do`.
            api: for tickets and listings.
            websocket_url: where to connect.
            notify: takes the events for the application.
            answer: takes a query's request id and what came of it.
            crashed: takes an exception that nobody expected, which ends the session.
        """
        self._session = session
        self._api = api
        self._websocket_url = websocket_url
        self._notify = notify
        self._answer = answer
        self._crashed = crashed
        self._tasks: set[asyncio.Task[None]] = set()
        self._links: dict[int, asyncio.Task[None]] = {}
        self._sockets: dict[int, ClientConnection] = {}
        self._outgoing: dict[int, asyncio.Queue[str]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tickets = Tickets(time.monotonic)

    def do(self, happens: Callable[..., _Answer], *arguments: object, **named: object) -> _Answer:
        """Tell the session what happens, by one of its methods, do what it then asks for; give its answer."""
        answer = happens(*arguments, **named)
        for effect in self._session.take_effects():
            self._carry_out(effect)
        return answer

    async def close(self) -> None:
        """Close the connections and leave no task or timer behind."""
        self.do(self._session.stop)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def drop(self) -> None:
        """Break the connections off, as a failing network would."""
        for socket in self._sockets.values():
            socket.transport.abort()

    def _carry_out(self, effect: effects.Effect) -> None:
        match effect:
            case effects.SendFrame(connection=connection, frame=frame):
                self._outgoing[connection].put_nowait(encode(frame))
            case effects.StartTimer(timer=timer, delay=delay):
                self._start_timer(timer, delay)
            case effects.CancelTimer(timer=timer):
                self._cancel_timer(timer)
            case effects.OpenConnection(connection=connection):
                self._links[connection] = self._spawn(self._link(connection))
            case effects.CloseConnection(connection=connection):
                self._links[connection].cancel()
            case effects.ListChats(listing=listing):
                self._spawn(self._list_chats(listing))
            case effects.Notify(event=event):
                self._notify(event)
            case effects.AnswerQuery(request_id=request_id, answer=answer):
                self._answer(request_id, answer)
            case effects.FailQuery(request_id=request_id):
                self._answer(request_id, NotReachable("The service did not answer in time: try again."))

    def _start_timer(self, timer: str, delay: float) -> None:
        self._cancel_timer(timer)
        self._timers[timer] = asyncio.get_running_loop().call_later(delay, self._timer_fired, timer)

    def _cancel_timer(self, timer: str) -> None:
        if (handle := self._timers.pop(timer, None)) is not None:
            handle.cancel()

    def _timer_fired(self, timer: str) -> None:
        del self._timers[timer]
        self.do(self._session.timer_fired, timer)

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crashed(error)

    async def _link(self, connection: int) -> None:
        """Live through one connection, from the ticket to the end."""
        try:
            try:
                socket, claims = await self._open()
            except AuthenticationFailed as error:
                self.do(self._session.open_failed, connection, str(error), refused=True)
                return
            except TooManyRequests as error:
                self.do(self._session.open_failed, connection, str(error), retry_after=error.retry_after)
                return
            except (NotReachable, RequestRefused) as error:
                self.do(self._session.open_failed, connection, str(error))
                return
            self._sockets[connection] = socket
            outgoing = self._outgoing[connection] = asyncio.Queue()
            self.do(self._session.opened, connection, claims.sub, claims.exp - time.time())
            reason = await converse(
                socket, outgoing, lambda data: self.do(self._session.received, connection, data)
            )
            self.do(self._session.lost, connection, reason)
        finally:
            self._sockets.pop(connection, None)
            self._outgoing.pop(connection, None)
            self._links.pop(connection, None)

    async def _open(self) -> tuple[ClientConnection, Claims]:
        """Open a WebSocket with the ticket that is kept, or with a new one."""
        ticket = self._tickets.take()
        if ticket is None:
            created, claims = await self._api.create_ticket()
            ticket = self._tickets.got(created.ticket, claims)
        try:
            return await open_websocket(self._websocket_url, ticket.ticket), ticket.claims
        except ConnectThrottled:
            self._tickets.keep(ticket)
            raise

    async def _list_chats(self, listing: int) -> None:
        try:
            chats = await self._api.chats()
        except (AuthenticationFailed, NotReachable, RequestRefused):
            self.do(self._session.listing_failed, listing)
        else:
            self.do(self._session.chats_listed, listing, chats)
