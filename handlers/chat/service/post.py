"""Posts frames to connections, and forgets those that are gone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chat.domain import CONNECT_TIMEOUT
from chat.ports import PostFailedError
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Connection
    from chat.ports import Clock, Connections, Push

LOGGER = logging.getLogger("chat")


class Post:
    """Posts to connections side by side; the frames of one connection stay in order."""

    def __init__(self, connections: Connections, push: Push, clock: Clock) -> None:
        """Post by `push`, and forget in `connections`."""
        self._connections = connections
        self._push = push
        self._clock = clock

    def __call__(self, connections: Sequence[Connection], frames: Sequence[bytes]) -> list[str]:
        """Post the frames to each of the connections.

        Returns:
            The users, each once, with a connection that was not reached and may be later.
        """

        def post(connection: Connection) -> bool:
            return self._post(connection, frames)

        reached = each(post, connections)
        missed = (c.user_id for c, was_reached in zip(connections, reached, strict=True) if not was_reached)
        return list(dict.fromkeys(missed))

    def _post(self, connection: Connection, frames: Sequence[bytes]) -> bool:
        """Post to one connection; forget it when it is gone, end it when its token has ended.

        One that API Gateway may still be opening answers as if it was gone. It stays: its first sync finds
        what it was not sent now, and forgotten it would be sent nothing for as long as it lives.

        Returns:
            Whether there is nothing left to be posted to it.
        """
        now = self._clock.now()
        opening = now < connection.connected_at / 1_000 + CONNECT_TIMEOUT
        try:
            if connection.expires_at <= now:
                self._push.close(connection)
            elif all(self._push.post(connection, frame) for frame in frames) or opening:
                return True
            self._connections.remove(connection.user_id, [connection.id])
        except PostFailedError:
            return False
        except Exception:
            LOGGER.exception("push_failed", extra={"fields": {"recipientConnectionId": connection.id}})
        return True
