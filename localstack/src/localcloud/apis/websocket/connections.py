"""The WebSocket connections that are open here, by their ids, and the passing of time for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.apis.websocket.session import Session

SWEEP_SECONDS = 1.0


class Connections:
    """A registry of sessions. It lets time pass for each, once a second, while there is any."""

    def __init__(self) -> None:
        """Begin empty."""
        self._sessions: dict[str, Session] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many connections there are, those that are still connecting included."""
        return len(self._sessions)

    def add(self, session: Session) -> None:
        """Enter a session under its connection's id."""
        self._sessions[session.lifecycle.connection.connection_id] = session
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().create_task(self._sweep_every_second())

    def remove(self, session: Session) -> None:
        """Forget a session; again is no error."""
        self._sessions.pop(session.lifecycle.connection.connection_id, None)

    def find(self, api_id: str, stage_name: str, connection_id: str) -> Session | None:
        """The session of a stage's connection, or None when there is no such."""
        session = self._sessions.get(connection_id)
        if session is None:
            return None
        connection = session.lifecycle.connection
        belongs = connection.api_id == api_id and connection.stage.stage_name == stage_name
        return session if belongs else None

    def sweep(self) -> None:
        """Let every connection look at the clock."""
        for session in tuple(self._sessions.values()):
            session.tick()

    async def drop(self) -> None:
        """End every TCP connection without a close frame, as where the network is gone."""
        for session in tuple(self._sessions.values()):
            await session.drop()

    async def close(self) -> None:
        """Stop the passing of time."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait([self._sweeping])
            self._sweeping = None

    async def _sweep_every_second(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep()
