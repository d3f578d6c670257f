"""Keeping the control plane's state through restarts and kill -9: MiniStack's services in one SQLite file."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from ministack import app
from ministack.core import persistence
from ministack.services import lambda_svc

from localcloud import errors
from localcloud.ministack import logs, metrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localcloud.ministack.changes import Services

SETTLE_SECONDS = 0.25
"""How long changes are gathered before one save: what kill -9 takes back of a service where saves are quick.

It also takes back all log events and metrics: they are saved on a clean stop alone. Tables and objects lose
nothing.
"""

_REST = 20
"""How many times as long as a save held the event loop to wait for the next; a long queue takes long."""

REST_SECONDS = 1.0
"""How long to wait at most: where saves take long, kill -9 takes back that, and the save's own time."""

ALL_SECONDS = 5.0
"""How long what a change has reached in other services may wait."""

_BLOB_BYTES = 4096
"""Byte strings from this size (code, layers) are saved once by their hash instead of with every state."""

_BRIEF_STATES = {"cloudwatch": metrics.state_without_points, "cloudwatch_logs": logs.state_without_events}
"""States that leave out what grows with the load, for saving often."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS services (name TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blobs (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL);
"""


class SavedState:
    """The file, and what of it is known to be written.

    MiniStack saves on a clean stop only, one JSON file a service. Here one transaction holds all services, so
    a stack and its resources never disagree after a crash.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            LocalcloudError: the file is not readable as what it should be.
        """
        self._path = path
        self._written: dict[str, bytes] = {}
        self._blobs: dict[int, tuple[bytes, str]] = {}
        self._new_blobs: dict[str, bytes] = {}
        try:
            self._database = sqlite3.connect(path, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise errors.data_corrupt(path, str(error)) from error
        with self._corrupt_closed():
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
        # MiniStack would write code to files of its own and prune them before this file is written.
        lambda_svc._externalize_code_zip = lambda _function, _referenced: None  # noqa: SLF001
        lambda_svc._prune_orphan_code_blobs = lambda _referenced: None  # noqa: SLF001

    def restore(self) -> None:
        """Give every service what was saved of it.

        Raises:
            LocalcloudError: the file is corrupt.
        """
        with self._corrupt_closed():
            rows = dict(self._database.execute("SELECT name, state FROM services"))
            for name, module in app._state_map.items():  # noqa: SLF001
                if name in rows:
                    state = json.loads(rows[name], object_hook=self._decode)
                    app._get_module(module).load_persisted_state(state)  # noqa: SLF001

    @contextlib.contextmanager
    def _corrupt_closed(self) -> Iterator[None]:
        """Close a file that cannot be read as what it should be, and say so."""
        try:
            yield
        except (sqlite3.DatabaseError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._database.close()
            raise errors.data_corrupt(self._path, str(error) or type(error).__name__) from error

    def take(self, services: Services, *, whole: bool = False) -> dict[str, str]:
        """What has changed since the last write, as JSON by service; call it on the event loop.

        Args:
            services: which services to look at; None for all.
            whole: whether to take log events and metrics too, which takes long.

        Raises:
            RuntimeError: a worker thread changed a service meanwhile; take again.
        """
        changed = {}
        for name, get_state in app._build_persistence_save_dict().items():  # noqa: SLF001
            if services is not None and name not in services:
                continue
            state = get_state() if whole or name not in _BRIEF_STATES else _BRIEF_STATES[name]()
            if state is None:
                continue
            text = json.dumps(state, default=self._encode)
            if self._written.get(name) != hashlib.sha256(text.encode()).digest():
                changed[name] = text
        return changed

    def write(self, changed: dict[str, str]) -> None:
        """Write what ``take`` gave, in one transaction. Safe on a worker thread, one at a time."""
        if not changed:
            return
        blobs, self._new_blobs = self._new_blobs, {}
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", blobs.items())
            self._database.executemany("INSERT OR REPLACE INTO services VALUES (?, ?)", changed.items())
        for name, text in changed.items():
            self._written[name] = hashlib.sha256(text.encode()).digest()

    def close(self) -> None:
        """Write everything a last time, forget code that nothing names any more, and close."""
        self.write(self.take(None, whole=True))
        with self._database:
            texts = [text for (text,) in self._database.execute("SELECT state FROM services")]
            for (sha256,) in self._database.execute("SELECT sha256 FROM blobs").fetchall():
                if not any(sha256 in text for text in texts):
                    self._database.execute("DELETE FROM blobs WHERE sha256 = ?", (sha256,))
        self._database.close()

    def _encode(self, value: object) -> Any:  # noqa: ANN401 - json's own contract
        if isinstance(value, bytes) and len(value) >= _BLOB_BYTES:
            return {"__blob__": self._blob(value)}
        return persistence._json_default(value)  # noqa: SLF001

    def _blob(self, content: bytes) -> str:
        known = self._blobs.get(id(content))
        if known is not None and known[0] is content:
            return known[1]
        sha256 = hashlib.sha256(content).hexdigest()
        self._blobs[id(content)] = (content, sha256)
        self._new_blobs[sha256] = content
        return sha256

    def _decode(self, value: dict[str, Any]) -> Any:  # noqa: ANN401 - json's own contract
        if "__blob__" not in value:
            return persistence._json_object_hook(value)  # noqa: SLF001
        sha256 = value["__blob__"]
        row = self._database.execute("SELECT content FROM blobs WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            raise KeyError(sha256)
        content: bytes = row[0]
        self._blobs[id(content)] = (content, sha256)
        return content


class Saver:
    """Saves soon after each change, several changes at once, the writing off the event loop.

    Copying every service's state holds the event loop for some 30 ms, so a change saves its own services at
    once, and all of them, which a change may have reached in its wake, every few seconds.
    """

    def __init__(self, saved: SavedState, loop: asyncio.AbstractEventLoop) -> None:
        """Save into ``saved``, from ``loop``."""
        self._saved = saved
        self._loop = loop
        self._changed = asyncio.Event()
        self._services: set[str] = set()
        self._all_due: float | None = None
        self._all_after = 0.0
        """When all may be saved again: a change's own service does not wait for that."""
        self._task = loop.create_task(self._run())

    def changed(self, services: Services) -> None:
        """These may have changed; callable from any thread."""
        self._loop.call_soon_threadsafe(self._note, services)

    async def close(self) -> None:
        """Stop saving by itself, and save a last time."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._saved.close()

    def _note(self, services: Services) -> None:
        now = self._loop.time()
        self._services |= services or frozenset()
        due = now if services is None else now + ALL_SECONDS
        self._all_due = min(self._all_due or math.inf, max(due, self._all_after))
        self._changed.set()

    async def _run(self) -> None:
        took = 0.0
        while True:
            await self._wait()
            await asyncio.sleep(max(SETTLE_SECONDS, min(_REST * took, REST_SECONDS)))
            self._changed.clear()
            is_all_due = self._all_due is not None and self._all_due <= self._loop.time()
            services = None if is_all_due else frozenset(self._services)
            began = self._loop.time()
            try:
                changed = self._saved.take(services)
            except RuntimeError:  # a dictionary changed while it was copied
                self._note(services)
                continue
            ended = self._loop.time()
            self._services.clear()
            if is_all_due:
                self._all_due, self._all_after = None, ended + _REST * (ended - began)
            else:
                took = ended - began
            await asyncio.to_thread(self._saved.write, changed)
            if _is_provisioning():
                self._note(None)  # the stack's last status comes without a request

    async def _wait(self) -> None:
        """Until something changes, or all is due."""
        seconds = None if self._all_due is None else max(0.0, self._all_due - self._loop.time())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


def _is_provisioning() -> bool:
    cloudformation = sys.modules.get("ministack.services.cloudformation")
    stacks = cloudformation._stacks._data.values() if cloudformation else ()  # noqa: SLF001
    statuses = {str(stack.get("StackStatus", "")) for stack in list(stacks)}
    return any(status.endswith("_IN_PROGRESS") for status in statuses - {"REVIEW_IN_PROGRESS"})
