"""Registers connections when they open and forgets them when they close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chat.domain import CONNECTION_LIFETIME, CONNECTION_MARGIN
from chat.errors import ChatError

if TYPE_CHECKING:
    from chat.domain import Connection
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections


class ConnectionRegistry:
    """The open connections of every user."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        """Keep them in `connections`."""
        self._connections = connections
        self._clock = clock

    def open(self, connection: Connection) -> None:
        """Register a connection: until its token ends or its lifetime is over, whichever is first.

        The user's connections that are over are forgotten on this occasion, since $disconnect is best effort.

        Raises:
            ChatError: `signed_out`, when the user has signed out everywhere since the token was issued.
        """
        end = connection.connected_at // 1_000 + CONNECTION_LIFETIME + CONNECTION_MARGIN
        bounded = msgspec.structs.replace(connection, expires_at=min(connection.expires_at, end))
        registered = self._connections.add(bounded, end)
        if registered is None:
            raise ChatError("signed_out")
        now = self._clock.now()
        over = [other.id for other in registered if other.expires_at <= now]
        if over:
            self._connections.remove(connection.user_id, over)

    def close(self, user_id: str, connection_id: str) -> None:
        """Forget a connection."""
        self._connections.remove(user_id, [connection_id])
