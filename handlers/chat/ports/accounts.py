"""What users sign in with, and the archives that they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from typing import IO


class Accounts(Protocol):
    """What users sign in with."""

    def sign_out(self, username: str) -> None:
        """End every session of the user: no refresh token is good any more."""

    def delete(self, user_id: str) -> None:
        """Let the user sign in no more; one who is gone already is passed over."""


class ExportState(NamedTuple):
    """The archive that a user last asked for."""

    requested_at: str
    is_ready: bool


class Exports(Protocol):
    """Which archives users have asked for. Reads are strongly consistent."""

    def request(self, user_id: str, requested_at: str) -> None:
        """Write down that the user asked for an archive."""

    def finish(self, user_id: str, requested_at: str) -> None:
        """Write down that the archive asked for at this time is there."""

    def get(self, user_id: str) -> ExportState | None:
        """What the user last asked for; None when nothing."""


class Archives(Protocol):
    """The archives, one a user, each gone after some days."""

    def put(self, user_id: str, archive: IO[bytes]) -> None:
        """Keep a user's archive, in place of an earlier one."""

    def remove(self, user_id: str) -> None:
        """Remove a user's archive, if there is one."""

    def link(self, user_id: str, seconds: int) -> str:
        """Make a link to the user's archive that works for so long."""
