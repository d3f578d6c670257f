"""The data directory: what lies where in it, and the lock that keeps a second localcloud out."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud import errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Paths under one data directory, which is made when missing."""

    path: Path

    @property
    def control_plane(self) -> Path:
        """MiniStack's saved state."""
        return self.path / "control-plane.sqlite"

    @property
    def keys(self) -> Path:
        """The key files that MiniStack keeps by itself, such as the user pools' signing keys."""
        return self.path / "keys"

    @property
    def objects(self) -> Path:
        """S3's object bodies."""
        return self.path / "s3"

    @property
    def tables(self) -> Path:
        """DynamoDB's tables, in dynoxide's SQLite file."""
        return self.path / "dynamodb.sqlite"

    @property
    def functions(self) -> Path:
        """What Lambda's execution plane unpacks; it may vanish whenever nothing runs."""
        return self.path / "functions"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory for this process.

        The system drops the lock with the process, also on kill -9, so there is no stale lock to remove.

        Raises:
            LocalcloudError: another localcloud holds it, or it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise errors.data_directory_unusable(self.path, error.strerror or str(error)) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                raise errors.data_directory_in_use(self.path, lock.read().strip() or "unknown") from error
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield
