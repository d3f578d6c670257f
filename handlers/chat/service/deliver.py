"""Brings frames to the connected devices of users, which never fails what it is done for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chat.domain import CONNECT_TIMEOUT
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Connection
    from chat.ports import Clock, Connections, Push

LOGGER = logging.getLogger("chat")


class Deliver:
    """Looks up who is connected and posts to each, side by side; the frames of one device stay in order."""

    def __init__(self, connections: Connections, push: Push, clock: Clock) -> None:
        """Deliver to `connections` by `push`."""
        self._connections = connections
        self._push = push
        self._clock = clock

    def __call__(self, user_ids: Sequence[str], frames: Sequence[bytes], but: str | None) -> None:
        """Post the frames to every connection of the users but the one with the id `but`.

        Call it after what the frames tell is written: who connects in between finds it in a sync.
        """
        try:
            connections = self._connections.of_users(user_ids)
        except Exception:
            LOGGER.exception("delivery_failed")
            return

        def post(connection: Connection) -> None:
            self._post(connection, frames)

        each(post, [connection for connection in connections if connection.id != but])

    def _post(self, connection: Connection, frames: Sequence[bytes]) -> None:
        """Post to one connection; forget it when it is gone, end it when its token has ended.

        One that API Gateway may still be opening answers as if it was gone. It stays: its first sync finds
        what it was not sent now, and forgotten it would be sent nothing for as long as it lives.
        """
        now = self._clock.now()
        opening = now < connection.connected_at / 1_000 + CONNECT_TIMEOUT
        try:
            if connection.expires_at <= now:
                self._push.close(connection)
            elif all(self._push.post(connection, frame) for frame in frames) or opening:
                return
            self._connections.remove(connection.user_id, [connection.id])
        except Exception:
            LOGGER.exception("push_failed", extra={"fields": {"recipientConnectionId": connection.id}})
