"""A client's snapshot in a file, so that a process that ends, however it ends, is taken up by the next."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

import msgspec

from .chats import Snapshot
from .errors import ParleyError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class StateFileUnusable(ParleyError):  # noqa: N818 - says what happened, as an answer
    """The snapshot cannot be read, or another process uses it."""


class StateFile:
    """The one process's hold on a snapshot file, as a context manager."""

    def __init__(self, path: Path) -> None:
        """Keep the snapshot at `path`, and a lock beside it."""
        self._path = path

    def __enter__(self) -> Self:
        """Take hold of the file.

        Raises:
            StateFileUnusable: another process holds it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self._path.with_suffix(".lock").open("w")
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 - not on Windows

            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                self._lock.close()
                raise StateFileUnusable(
                    f"Another terminal uses {self._path}: close it, or name another --data-directory."
                ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the file."""
        self._lock.close()

    def load(self) -> Snapshot:
        """Return the snapshot saved last, or an empty one.

        Raises:
            StateFileUnusable: it is damaged.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Snapshot)
        except FileNotFoundError:
            return Snapshot()
        except msgspec.DecodeError as error:
            raise StateFileUnusable(
                f"{self._path} cannot be read ({error}): delete it; only unsent messages are lost."
            ) from error

    def save(self, snapshot: Snapshot) -> None:
        """Replace the snapshot in one step: a reader finds the old one or the new one."""
        draft = self._path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.json.encode(snapshot))
        draft.replace(self._path)
