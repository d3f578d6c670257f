"""What users sign in with, and their archives, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.ports.accounts import ExportState

if TYPE_CHECKING:
    from typing import IO


class FakeAccounts:
    """What was done to whose sessions, in order."""

    def __init__(self) -> None:
        self.signed_out: list[str] = []
        self.deleted: list[str] = []
        self.fault: Exception | None = None

    def sign_out(self, username: str) -> None:
        """Keep the name."""
        if self.fault:
            raise self.fault
        self.signed_out.append(username)

    def delete(self, user_id: str) -> None:
        """Keep the id."""
        self.deleted.append(user_id)


class FakeExports:
    """States by user."""

    def __init__(self) -> None:
        self.states: dict[str, ExportState] = {}

    def request(self, user_id: str, requested_at: str) -> None:
        """Not ready."""
        self.states[user_id] = ExportState(requested_at, is_ready=False)

    def finish(self, user_id: str, requested_at: str) -> None:
        """Ready, if it is the one."""
        if self.states[user_id].requested_at == requested_at:
            self.states[user_id] = ExportState(requested_at, is_ready=True)

    def get(self, user_id: str) -> ExportState | None:
        """One."""
        return self.states.get(user_id)


class FakeArchives:
    """Archives by user."""

    def __init__(self) -> None:
        self.archives: dict[str, bytes] = {}

    def put(self, user_id: str, archive: IO[bytes]) -> None:
        """Keep."""
        self.archives[user_id] = archive.read()

    def remove(self, user_id: str) -> None:
        """Remove."""
        self.archives.pop(user_id, None)

    def link(self, user_id: str, seconds: int) -> str:
        """Name it."""
        return f"https://archives.test/{user_id}?for={seconds}"
