"""Notices when a user's first connection opens and when the last is gone, and has it told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chat.codec import encode
from chat.domain import timestamp
from chat.protocol.fan_out import TellPresence
from chat.service.presence import online_users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Connection
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections
    from chat.ports.queue import Queue

LOGGER = logging.getLogger("chat")

RETURN_TIME = 5
"""Seconds within which who left may be back without anyone having been told."""


class WatchedConnections:
    """Serves `ports.Connections`. That others are told is left to the fan-out queue, and fails nothing."""

    def __init__(self, connections: Connections, queue: Queue, clock: Clock) -> None:
        """Watch `connections`, and leave to who reads `queue` what comes of it."""
        self._connections = connections
        self._queue = queue
        self._clock = clock

    def add(self, connection: Connection, keep_until: int) -> Sequence[Connection] | None:
        """Register a connection, and give all of the user's; None when its token is signed out."""
        registered = self._connections.add(connection, keep_until)
        others = [other for other in registered or () if other.id != connection.id]
        if registered is not None and not online_users(others, self._clock.now()):
            self._tell(TellPresence(user_id=connection.user_id), 0)
        return registered

    def sign_out(self, user_id: str, at: int, keep_until: int) -> Sequence[Connection]:
        """Take no connection of a token issued up to `at`; give those that there are, which are kept."""
        return self._connections.sign_out(user_id, at, keep_until)

    def remove(self, user_id: str, connection_ids: Sequence[str]) -> Sequence[Connection]:
        """Forget these connections of the user and no other, and give all that the user had until now."""
        had = self._connections.remove(user_id, connection_ids)
        now = self._clock.now()
        if not online_users((other for other in had if other.id not in connection_ids), now):
            ended = max((connection.expires_at for connection in had), default=now)
            left_at = timestamp(min(now, ended))  # one that was over before is only found now
            self._tell(TellPresence(user_id=user_id, left_at=left_at), RETURN_TIME)
        return had

    def of_users(self, user_ids: Sequence[str]) -> Sequence[Connection]:
        """All connections of the users (at most 100), in one strongly consistent read."""
        return self._connections.of_users(user_ids)

    def _tell(self, task: TellPresence, delay_seconds: int) -> None:
        try:
            self._queue.send(encode(task), delay_seconds)
        except Exception:
            LOGGER.exception("presence_untold")
