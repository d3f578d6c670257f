"""Histories on the disk: one file a process, to which lines are only added, read after the run."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

from .records import AnyRecord, Closed, Record, now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".history.jsonl"
_FLUSH_BYTES = 1 << 16
_FLUSH_NS = 1_000_000_000


class HistoryDamaged(Exception):  # noqa: N818 - says what happened
    """A history cannot be read."""


class History:
    """The file of one process, to which lines are only ever added."""

    def __init__(self, path: Path) -> None:
        """Go on in this file, or begin it.

        Raises:
            OSError: it cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._encoder = msgspec.json.Encoder()
        self._buffer = bytearray()
        self._flushed = now()

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Begin this process's file in the directory of a run: call it after forking."""
        return cls(directory / f"{platform.node()}-{os.getpid()}-{time.time_ns()}{SUFFIX}")

    def write(self, record: Record) -> None:
        """Add a record; it reaches the file within a second, if records keep coming or `flush` is called."""
        self._buffer += self._encoder.encode(record)
        self._buffer += b"\n"
        if len(self._buffer) >= _FLUSH_BYTES or record.at - self._flushed >= _FLUSH_NS:
            self.flush()

    def flush(self) -> None:
        """Hand everything to the operating system: it survives this process now, however it ends."""
        while self._buffer:
            written = os.write(self._file, self._buffer)
            del self._buffer[:written]
        self._flushed = now()

    def close(self) -> None:
        """Say that this is all, and close the file."""
        self.write(Closed(load_average=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0))
        self.flush()
        os.close(self._file)


class HistoryFile:
    """A process's file, read after the run."""

    def __init__(self, path: Path) -> None:
        """Read this file, when asked for its records."""
        self.path = path
        self.torn = False
        """Whether, once all records were read, the last was cut off: the process was killed writing it."""

    def records(self) -> Iterator[AnyRecord]:
        """Return the records, one at a time, in the order in which they were written.

        Raises:
            HistoryDamaged: a line is no record, and it is not the last one cut off.
        """
        decoder = msgspec.json.Decoder(AnyRecord)
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield decoder.decode(line)
                except msgspec.DecodeError as error:
                    if line.endswith(b"\n"):
                        raise HistoryDamaged(f"{self.path}, line {number}, is no record: {error}.") from error
                    self.torn = True


def files_of(directory: Path) -> list[HistoryFile]:
    """Return the files of a run.

    Raises:
        HistoryDamaged: there are none.
    """
    paths = sorted(directory.glob(f"*{SUFFIX}"))
    if not paths:
        raise HistoryDamaged(f"{directory} holds no history: name the directory of a run (*{SUFFIX}).")
    return [HistoryFile(path) for path in paths]


class Reader(Protocol):
    """Takes in the records of a run, file by file."""

    def begin(self, name: str) -> None:
        """The records of the file of this name follow."""

    def take(self, record: AnyRecord) -> None:
        """Take in the next record."""

    def end(self, *, torn: bool) -> None:
        """The file is over; `torn` says that its last record was cut off."""


def read_run(directory: Path, *readers: Reader) -> None:
    """Read all files of a run once, to all readers, a record at a time.

    Raises:
        HistoryDamaged: there are none, or one cannot be read.
    """
    for file in files_of(directory):
        for reader in readers:
            reader.begin(file.path.name)
        for record in file.records():
            for reader in readers:
                reader.take(record)
        for reader in readers:
            reader.end(torn=file.torn)
