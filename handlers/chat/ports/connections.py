"""Connections: the tickets that open them, who has which, and frames to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Connection, Identity


class Connections(Protocol):
    """Who is connected, and where."""

    def add(self, connection: Connection, keep_until: int) -> Sequence[Connection] | None:
        """Register a connection; the user's are all kept until `keep_until`, in seconds since the epoch.

        Returns:
            All connections of the user; None when the user has signed out everywhere since the token of
            this one was issued, and then it is not registered.
        """

    def sign_out(self, user_id: str, at: int, keep_until: int) -> Sequence[Connection]:
        """Take no connection of a token issued up to `at`; give those that there are, which are kept."""

    def remove(self, user_id: str, connection_ids: Sequence[str]) -> Sequence[Connection]:
        """Forget these connections of the user and no other; those not registered are passed over.

        Returns:
            All connections that the user had until now, those forgotten among them.
        """

    def of_users(self, user_ids: Sequence[str]) -> Sequence[Connection]:
        """All connections of the users (at most 100), in one strongly consistent read."""


class Tickets(Protocol):
    """Tickets that open a connection, known by their digests only."""

    def add(self, digest: str, identity: Identity, expires_at: int) -> None:
        """Write a ticket that is good until `expires_at`, in seconds since the epoch."""

    def spend(self, digest: str, connection_id: str) -> tuple[Identity, int] | None:
        """Spend a ticket on a connection and give what it stands for and when it expires.

        None when there is none, or another connection has spent it. Repeating it is harmless.
        """


class PostFailedError(Exception):
    """A frame could not be posted, and may be later."""


class Push(Protocol):
    """Frames to connections from outside their own requests."""

    def post(self, connection: Connection, frame: bytes) -> bool:
        """Send a frame; False when the connection is gone. A refusal for good is logged, and counts as sent.

        Raises:
            PostFailedError: it may succeed later; logged too.
        """

    def close(self, connection: Connection) -> None:
        """Close the connection, if it is open. Faults are logged."""
