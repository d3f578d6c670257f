"""Connections in memory, the tickets that open them, and a push that keeps frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import Connection, Identity
from chat.ports.connections import PostFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

from tests.handlers.support.fakes.clock import START


def connection(
    user_id: str, id_: str, expires_at: float = START + 3_600, *, connected_at: float = START - 3_600
) -> Connection:
    """Make a connection that has been open for an hour."""
    return Connection(
        user_id, id_, "http://gateway.test/v1", "us-east-1", int(connected_at * 1_000), int(expires_at)
    )


class FakeConnections:
    """Who is connected; `fault`, when set, is raised instead."""

    def __init__(self, *connections: Connection) -> None:
        self.connections = list(connections)
        self.signed_out: dict[str, int] = {}
        self.fault: Exception | None = None
        self.reads = 0

    def add(self, connection: Connection, keep_until: int) -> Sequence[Connection] | None:
        """Register."""
        assert keep_until >= connection.expires_at
        if self.signed_out.get(connection.user_id, -1) >= connection.token_issued_at:
            return None
        self.connections.append(connection)
        return [other for other in self.connections if other.user_id == connection.user_id]

    def sign_out(self, user_id: str, at: int, keep_until: int) -> Sequence[Connection]:
        """Take no connection of an older token."""
        assert keep_until > at
        self.signed_out[user_id] = at
        return [connection for connection in self.connections if connection.user_id == user_id]

    def remove(self, user_id: str, connection_ids: Sequence[str]) -> Sequence[Connection]:
        """Forget."""
        self._fail()
        had = [connection for connection in self.connections if connection.user_id == user_id]
        self.connections = [c for c in self.connections if c.user_id != user_id or c.id not in connection_ids]
        return had

    def of_users(self, user_ids: Sequence[str]) -> Sequence[Connection]:
        """Everyone's."""
        self.reads += 1
        self._fail()
        return [connection for connection in self.connections if connection.user_id in user_ids]

    def ids(self) -> list[str]:
        """The ids of all connections."""
        return [connection.id for connection in self.connections]

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


class FakeTickets:
    """Tickets by digest, and which connection has spent each."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Identity, int]] = {}
        self.spent: dict[str, str] = {}

    def add(self, digest: str, identity: Identity, expires_at: int) -> None:
        """Keep."""
        self.rows[digest] = identity, expires_at

    def spend(self, digest: str, connection_id: str) -> tuple[Identity, int] | None:
        """The first connection that asks has it."""
        if digest not in self.rows or self.spent.setdefault(digest, connection_id) != connection_id:
            return None
        return self.rows[digest]


class FakePush:
    """Keeps the frames of every connection; those in `gone` are gone, those in `failing` are not reached."""

    def __init__(self, *gone: str) -> None:
        self.gone = set(gone)
        self.failing: set[str] = set()
        self.frames: dict[str, list[bytes]] = {}
        self.closed: list[str] = []
        self.attempts = 0

    def post(self, connection: Connection, frame: bytes) -> bool:
        """Keep the frame."""
        self.attempts += 1
        if connection.id in self.failing:
            raise PostFailedError
        if connection.id in self.gone:
            return False
        self.frames.setdefault(connection.id, []).append(frame)
        return True

    def close(self, connection: Connection) -> None:
        """Remember that it was closed."""
        self.closed.append(connection.id)
