"""The data directory: what lies where in it, and the lock that keeps a second localcloud out."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from localcloud import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


_REGIONS = "regions"


class Holder(msgspec.Struct, frozen=True, rename="camel"):
    """The localcloud that holds a data directory: what stands in its lock."""

    process_id: int
    port: int


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
    def events(self) -> Path:
        """Lambda's queue of asynchronous invocations."""
        return self.path / "events.sqlite"

    @property
    def functions(self) -> Path:
        """What Lambda's execution plane unpacks; it may vanish whenever nothing runs."""
        return self.path / "functions"

    def of_regions(self, regions: Sequence[str]) -> Mapping[str, DataDirectory]:
        """Where each region's tables, events and functions lie: the first one's here, others' below it."""
        first, *others = regions
        directories = {region: DataDirectory(self.path / _REGIONS / region) for region in others}
        for directory in directories.values():
            directory.path.mkdir(parents=True, exist_ok=True)
        return {first: self, **directories}

    @property
    def log(self) -> Path:
        """What a localcloud in the background says of itself."""
        return self.path / "localcloud.log"

    @property
    def _lock(self) -> Path:
        return self.path / "lock"

    @contextmanager
    def locked(self, port: int) -> Iterator[None]:
        """Hold the directory for this process, which serves on ``port``.

        The system drops the lock with the process, also on kill -9, so there is no stale lock to remove.

        Raises:
            LocalcloudError: another localcloud holds it, or it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = self._lock.open("a+b")
        except OSError as error:
            raise errors.data_directory_unusable(self.path, error.strerror or str(error)) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                holder = _parse(lock.read())
                raise errors.data_directory_in_use(
                    self.path, holder.process_id if holder else None
                ) from error
            lock.truncate(0)
            lock.write(msgspec.json.encode(Holder(os.getpid(), port)))
            lock.flush()
            yield

    def is_used(self) -> bool:
        """Whether a localcloud has ever run on the directory, since it was last forgotten."""
        return self._lock.exists()

    def is_held(self) -> bool:
        """Whether a localcloud runs on the directory."""
        try:
            lock = self._lock.open("rb")
        except FileNotFoundError:
            return False
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def holder(self) -> Holder | None:
        """The localcloud that runs on the directory; None when none does."""
        return _parse(self._lock.read_bytes()) if self.is_held() else None

    def forget(self) -> None:
        """Remove all data. Nothing else that lies in the directory is touched, and nothing may run on it."""
        for kept in (self.control_plane, self.tables, self.events):
            for file in self.path.glob(f"{kept.name}*"):  # SQLite's own files beside it, too
                file.unlink()
        for folder in (self.keys, self.objects, self.functions, self.path / _REGIONS):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.log, self._lock):
            file.unlink(missing_ok=True)
        with suppress(OSError):  # what is not ours stays, and so does the directory
            self.path.rmdir()


def _parse(content: bytes) -> Holder | None:
    """None where the holder has not written yet."""
    try:
        return msgspec.json.decode(content, type=Holder)
    except msgspec.DecodeError:
        return None
