"""The events that wait to be run, in a file: what was answered with 202 survives restarts and kill -9."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud import errors

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    request_id TEXT PRIMARY KEY, function TEXT NOT NULL, payload BLOB NOT NULL, accepted_at REAL NOT NULL,
    due_at REAL NOT NULL, failures INTEGER NOT NULL, refusals INTEGER NOT NULL
) WITHOUT ROWID;
"""
_COLUMNS = "request_id, function, accepted_at, due_at, failures, refusals"


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted event without its payload, which stays in the file until it is needed."""

    request_id: str
    """The same for every attempt."""
    function: str
    """The name or ARN that was invoked."""
    accepted_at: float
    """Epoch seconds."""
    due_at: float
    """Epoch seconds: when the next attempt is to be made."""
    failures: int = 0
    """How often the function ran and failed."""
    refusals: int = 0
    """How often it could not be run: throttles and faults of localcloud's own."""


class EventQueue:
    """Events by request id. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            LocalcloudError: the file is not readable as what it should be.
        """
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise errors.data_corrupt(path, str(error)) from error

    def add(self, event: Event, payload: bytes) -> None:
        """Keep an event; once this returns, nothing but the loss of the disk forgets it."""
        row = (event.request_id, event.function, payload, event.accepted_at, event.due_at, 0, 0)
        with self._lock:
            self._database.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def update(self, event: Event) -> None:
        """Keep how far an event has come."""
        row = (event.due_at, event.failures, event.refusals, event.request_id)
        statement = "UPDATE events SET due_at = ?, failures = ?, refusals = ? WHERE request_id = ?"
        with self._lock:
            self._database.execute(statement, row)

    def remove(self, request_id: str) -> None:
        """Forget an event: it is dealt with."""
        with self._lock:
            self._database.execute("DELETE FROM events WHERE request_id = ?", (request_id,))

    def payload(self, request_id: str) -> bytes:
        """An event's payload."""
        with self._lock:
            cursor = self._database.execute("SELECT payload FROM events WHERE request_id = ?", (request_id,))
            payload: bytes = cursor.fetchone()[0]
        return payload

    def events(self) -> list[Event]:
        """Every event, the one accepted first at the beginning."""
        with self._lock:
            rows = self._database.execute(f"SELECT {_COLUMNS} FROM events ORDER BY accepted_at")  # noqa: S608
            return [Event(*row) for row in rows]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
