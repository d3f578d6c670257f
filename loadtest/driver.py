"""Carries out a session's effects on greenlets: connections, timers, listings. It decides nothing.

The counterpart of parley_client's runner, which is on asyncio: Locust lives on gevent, and one process has
one of the two.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import quote

import gevent
import websocket
from gevent.queue import SimpleQueue

from parley_client import effects
from parley_client.client_frames import SendMessage
from parley_client.errors import (
    AuthenticationFailed,
    ConnectThrottled,
    NotReachable,
    RequestRefused,
    TooManyRequests,
)
from parley_client.frames import encode
from parley_client.tickets import Tickets
from parley_client.websocket import refused_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley_client.client_frames import Ping, Request
    from parley_client.events import Event
    from parley_client.server_frames import Answer
    from parley_client.session import Session
    from parley_client.tokens import Claims
    from parley_client.values import ChatSummary

_Greenlet: TypeAlias = "gevent.Greenlet[Any, None]"
_OPENING_SECONDS = 30.0


class Service(Protocol):
    """What a session needs of the HTTP API; it raises what parley_client's `Api` raises."""

    def create_ticket(self) -> tuple[str, Claims]:
        """Return a ticket for one WebSocket connection, and whose it is."""

    def chats(self) -> tuple[ChatSummary, ...]:
        """Return all chats of the user."""


class Observer(Protocol):
    """Who is told what a driver does and what happens to it; no method may block."""

    def notify(self, event: Event) -> None:
        """Take an event for the application."""

    def answered(self, request_id: str, answer: Answer | None) -> None:
        """Take a query's answer; None: none came in time."""

    def connecting(self, began: int, error: str) -> None:
        """A connection is open, or could not be opened, after an attempt that began then."""

    def arrived(self, data: str | bytes) -> None:
        """A frame arrived, which the session is about to be told of."""

    def framed(self, frame: SendMessage) -> None:
        """Messages are put on the wire."""

    def listed(self, chats: tuple[ChatSummary, ...]) -> None:
        """GET /chats was answered."""

    def crashed(self, error: BaseException) -> None:
        """Something happened that nobody expected."""


class Driver:
    """Runs one session until it is closed."""

    def __init__(self, session: Session, service: Service, websocket_url: str, observer: Observer) -> None:
        """Run `session`, which is from now on only told of things through `do`."""
        self._session = session
        self._service = service
        self._websocket_url = websocket_url
        self._observer = observer
        self._greenlets: set[_Greenlet] = set()
        self._links: dict[int, _Greenlet] = {}
        self._sockets: dict[int, websocket.WebSocket] = {}
        self._outgoing: dict[int, SimpleQueue[str]] = {}
        self._timers: dict[str, _Greenlet] = {}
        self._tickets = Tickets(time.monotonic)

    def do(self, happens: Callable[..., None], *arguments: object, **named: object) -> None:
        """Tell the session what happens, by one of its methods, and do what it then asks for."""
        happens(*arguments, **named)
        for effect in self._session.take_effects():
            self._carry_out(effect)

    def close(self) -> None:
        """Close the connections and leave no greenlet behind."""
        self.do(self._session.stop)
        for timer in self._timers.values():
            timer.kill(block=False)
        self._timers.clear()
        gevent.killall(list(self._greenlets))

    def drop(self) -> None:
        """Break the connections off, as a failing network would."""
        for socket in self._sockets.values():
            _break_off(socket)

    def check(self) -> None:
        """List the chats now, as the session does now and then: lost pushes show."""
        self.do(self._session.timer_fired, "list")

    def _carry_out(self, effect: effects.Effect) -> None:  # noqa: C901 - a case for each effect
        match effect:
            case effects.SendFrame(connection=connection, frame=frame):
                self._send(connection, frame)
            case effects.StartTimer(timer=timer, delay=delay):
                self._start_timer(timer, delay)
            case effects.CancelTimer(timer=timer):
                self._cancel_timer(timer)
            case effects.OpenConnection(connection=connection):
                self._links[connection] = self._spawn(self._link, connection)
            case effects.CloseConnection(connection=connection):
                if (link := self._links.pop(connection, None)) is not None:
                    link.kill(block=False)
            case effects.ListChats(listing=listing):
                self._spawn(self._list_chats, listing)
            case effects.Notify(event=event):
                self._observer.notify(event)
            case effects.AnswerQuery(request_id=request_id, answer=answer):
                self._observer.answered(request_id, answer)
            case effects.FailQuery(request_id=request_id):
                self._observer.answered(request_id, None)

    def _send(self, connection: int, frame: Request | Ping) -> None:
        if isinstance(frame, SendMessage):
            self._observer.framed(frame)
        self._outgoing[connection].put(encode(frame))

    def _start_timer(self, timer: str, delay: float) -> None:
        self._cancel_timer(timer)
        greenlet: _Greenlet = gevent.spawn_later(delay, self._timer_fired, timer)
        greenlet.link_exception(self._crashed)
        self._timers[timer] = greenlet

    def _cancel_timer(self, timer: str) -> None:
        if (greenlet := self._timers.pop(timer, None)) is not None:
            greenlet.kill(block=False)

    def _timer_fired(self, timer: str) -> None:
        del self._timers[timer]
        self.do(self._session.timer_fired, timer)

    def _spawn(self, function: Callable[[int], None], argument: int) -> _Greenlet:
        greenlet: _Greenlet = gevent.spawn(function, argument)
        self._greenlets.add(greenlet)
        greenlet.link(self._greenlets.discard)
        greenlet.link_exception(self._crashed)
        return greenlet

    def _crashed(self, greenlet: _Greenlet) -> None:
        if (error := greenlet.exception) is not None:
            self._observer.crashed(error)

    def _link(self, connection: int) -> None:
        """Live through one connection, from the ticket to the end."""
        began = time.monotonic_ns()
        try:
            socket, claims = self._open()
        except (AuthenticationFailed, NotReachable, RequestRefused) as error:
            self._refused(connection, began, error)
            return
        writer = None
        try:
            self._sockets[connection] = socket
            outgoing = self._outgoing[connection] = SimpleQueue()
            writer = gevent.spawn(_write, socket, outgoing)
            self._observer.connecting(began, "")
            self.do(self._session.opened, connection, claims.sub, claims.exp - time.time())
            reason = self._read(connection, socket)
            self.do(self._session.lost, connection, reason)
        finally:
            if writer is not None:
                writer.kill(block=False)
            self._sockets.pop(connection, None)
            self._outgoing.pop(connection, None)
            self._links.pop(connection, None)
            _close(socket)

    def _open(self) -> tuple[websocket.WebSocket, Claims]:
        """Open a WebSocket with the ticket that is kept, or with a new one."""
        ticket = self._tickets.take() or self._tickets.got(*self._service.create_ticket())
        try:
            return _open(self._websocket_url, ticket.ticket), ticket.claims
        except ConnectThrottled:
            self._tickets.keep(ticket)
            raise

    def _refused(
        self, connection: int, began: int, error: AuthenticationFailed | NotReachable | RequestRefused
    ) -> None:
        self._links.pop(connection, None)
        code = error.code if isinstance(error, RequestRefused) else type(error).__name__
        self._observer.connecting(began, code)
        refused = isinstance(error, AuthenticationFailed)
        after = error.retry_after if isinstance(error, TooManyRequests) else 0.0
        self.do(self._session.open_failed, connection, str(error), refused=refused, retry_after=after)

    def _read(self, connection: int, socket: websocket.WebSocket) -> str:
        """Hand what arrives to the session until the connection is closed; return why it was."""
        try:
            while data := socket.recv():
                self._observer.arrived(data)
                self.do(self._session.received, connection, data)
        except (websocket.WebSocketException, OSError) as error:
            return str(error) or type(error).__name__
        return "closed by the service"

    def _list_chats(self, listing: int) -> None:
        try:
            chats = self._service.chats()
        except (AuthenticationFailed, NotReachable, RequestRefused):
            self.do(self._session.listing_failed, listing)
        else:
            self.do(self._session.chats_listed, listing, chats)
            self._observer.listed(chats)


def _open(url: str, ticket: str) -> websocket.WebSocket:
    """Return an open WebSocket; NotReachable, which names no ticket, where it does not open now."""
    try:
        socket = websocket.create_connection(
            f"{url}?ticket={quote(ticket, safe='')}",
            timeout=_OPENING_SECONDS,
            skip_utf8_validation=True,
            suppress_origin=True,  # only a page of the site has an origin that is let in
            http_no_proxy=["*"],
        )
    except websocket.WebSocketBadStatusException as error:
        raise refused_with(error.status_code) from None
    except (websocket.WebSocketException, OSError) as error:
        raise NotReachable(f"the WebSocket did not open: {type(error).__name__}") from None
    socket.settimeout(None)
    return socket


def _write(socket: websocket.WebSocket, outgoing: SimpleQueue[str]) -> None:
    while True:
        try:
            socket.send(outgoing.get())
        except (websocket.WebSocketException, OSError):
            return  # the reader learns of it too, and says why


def _close(socket: websocket.WebSocket) -> None:
    """Say goodbye, where the other side still listens, and close."""
    try:
        socket.send_close()
    except (websocket.WebSocketException, OSError):
        pass
    finally:
        _break_off(socket)


def _break_off(socket: websocket.WebSocket) -> None:
    """Close without a word; who reads or writes learns of it by an error."""
    socket.shutdown()  # type: ignore[no-untyped-call] # the library's is not annotated
