"""The life of the connections: open, probe, replace before their end, and open again after a loss.

At most one connection is current: frames are sent on it. While it is replaced there are two for a moment:

| current | opening | draining | what happens                                                       |
|---------|---------|----------|--------------------------------------------------------------------|
| -       | -       | -        | offline, refused, or waiting for the `reconnect` timer             |
| -       | n       | -        | connecting                                                         |
| n       | -       | -        | online; the timers `ping`, `renew` and at first `steady` run       |
| n       | m       | -        | online, and the successor is being opened                          |
| m       | -       | n        | online on m; n is closed once its requests are answered or `drain` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_frames import Ping
from .effects import CancelTimer, CloseConnection, Effect, Notify, OpenConnection, SendFrame, StartTimer
from .events import ConnectionChanged, ConnectionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from .policy import Delays, Policy


class Connections:
    """Decides when connections open and close, and tells the application the truth about them."""

    def __init__(self, emit: Callable[[Effect], None], policy: Policy, delays: Delays) -> None:
        """Emit effects through `emit`."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._count = 0
        self._attempt = 0
        self._pinged = False
        self._waiting = False
        self.state = ConnectionState.OFFLINE
        self.current: int | None = None
        self.opening: int | None = None
        self.draining: int | None = None

    def start(self) -> None:
        """Open the first connection."""
        if self.state in {ConnectionState.OFFLINE, ConnectionState.REFUSED}:
            self._attempt = 0
            self._change(ConnectionState.CONNECTING)
            self._open()

    def stop(self) -> None:
        """Close everything and stay offline."""
        for connection in (self.opening, self.current, self.draining):
            if connection is not None:
                self._emit(CloseConnection(connection=connection))
        self.opening = self.current = self.draining = None
        self._waiting = False
        for timer in ("reconnect", "renew", "ping", "pong", "steady", "drain"):
            self._emit(CancelTimer(timer=timer))
        if self.state is not ConnectionState.OFFLINE:
            self._change(ConnectionState.OFFLINE)

    def opened(self, connection: int, expires_in: float | None) -> bool:
        """Take a connection that has opened into use; return whether it is now the current one."""
        if connection != self.opening:
            self._emit(CloseConnection(connection=connection))
            return False
        self.opening = None
        if self.current is not None:
            self.draining = self.current
            self._emit(StartTimer(timer="drain", delay=self._policy.drain_timeout))
        self.current = connection
        self._pinged = False
        self._emit(CancelTimer(timer="pong"))
        self._emit(StartTimer(timer="ping", delay=self._policy.ping_interval))
        self._emit(StartTimer(timer="renew", delay=self._delays.before_renewal(expires_in)))
        self._emit(StartTimer(timer="steady", delay=self._policy.steady_after))
        if self.state is not ConnectionState.ONLINE:
            self._change(ConnectionState.ONLINE)
        return True

    def open_failed(self, connection: int, reason: str, *, refused: bool, retry_after: float = 0.0) -> None:
        """Try again, after `retry_after` seconds at least, unless the service has refused who we are."""
        if connection != self.opening:
            return
        self.opening = None
        if refused and self.current is None:
            self._change(ConnectionState.REFUSED, reason)
        else:
            self._reconnect_later(reason, retry_after)

    def lost(self, connection: int, reason: str) -> None:
        """Reconnect if the connection was the current one."""
        if connection == self.draining:
            self.draining = None
            self._emit(CancelTimer(timer="drain"))
        elif connection == self.opening:
            self.open_failed(connection, reason, refused=False)
        elif connection == self.current:
            self.current = None
            for timer in ("renew", "ping", "pong", "steady"):
                self._emit(CancelTimer(timer=timer))
            if self.opening is None:
                self._reconnect_later(reason)
            else:
                self._change(ConnectionState.RECONNECTING, reason)

    def heard(self, connection: int) -> None:
        """Note a sign of life."""
        if connection == self.current and self._pinged:
            self._pinged = False
            self._emit(CancelTimer(timer="pong"))

    def steady(self) -> None:
        """The connection has lasted: its loss, when it comes, is the first of a new row of failures.

        What was heard on it does not count: one that breaks again and again right after its sync would be
        opened several times a second.
        """
        self._attempt = 0

    def probe(self) -> None:
        """Find out at once how things stand: ping, or try to open now."""
        if self.current is not None:
            self.ping()
        elif self._waiting:
            self._emit(CancelTimer(timer="reconnect"))
            self.reconnect()
        elif self.state is ConnectionState.REFUSED:
            self.start()

    def ping(self) -> None:
        """Ask for a sign of life, unless one is awaited."""
        if self.current is not None and not self._pinged:
            self._pinged = True
            self._emit(SendFrame(connection=self.current, frame=Ping()))
            self._emit(StartTimer(timer="pong", delay=self._policy.pong_timeout))

    def heartbeat(self) -> None:
        """Ping, and again after the interval."""
        self.ping()
        self._emit(StartTimer(timer="ping", delay=self._policy.ping_interval))

    def reconnect(self) -> None:
        """Open a connection after the delay."""
        self._waiting = False
        if self.opening is None:
            self._open()

    def renew(self) -> None:
        """Open the successor of the current connection."""
        if self.current is not None and self.opening is None and not self._waiting:
            self._open()

    def close(self, connection: int, reason: str) -> None:
        """Close a connection that is not needed, or not alive, any more."""
        self._emit(CloseConnection(connection=connection))
        self.lost(connection, reason)

    def _open(self) -> None:
        self._count += 1
        self.opening = self._count
        self._emit(OpenConnection(connection=self._count))

    def _reconnect_later(self, reason: str, retry_after: float = 0.0) -> None:
        delay = self._delays.before_reconnect(self._attempt, retry_after)
        self._attempt += 1
        self._waiting = True
        self._emit(StartTimer(timer="reconnect", delay=delay))
        if self.current is None:
            self._change(ConnectionState.RECONNECTING, reason, delay)

    def _change(self, state: ConnectionState, reason: str = "", retry_in: float | None = None) -> None:
        self.state = state
        self._emit(Notify(event=ConnectionChanged(state=state, reason=reason, retry_in=retry_in)))
