"""The history of a run: what every device did and saw, one line of JSON a record, one file a process.

A process writes its own file and nothing else, so recording needs no lock and no network; whoever judges the
run reads all files afterwards. Times (`at`) are nanoseconds of CLOCK_MONOTONIC, which all processes of one
machine share; the `run` record that begins every file anchors them to the wall clock.

    history = History.create(directory)
    history.write(Run.begin(scenario="direct", workload=Workload.CLOSED, target="embedded"))
    history.write(Joined(device="u1.d1", user_id="u1", chat_id="dm:u1:u2", visible_after=0))
    history.write(Sent(device="u1.d1", chat_id="dm:u1:u2", id="01J..."))
    history.close()
"""

from __future__ import annotations

import os
import platform
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

from .environment import Environment, here

if TYPE_CHECKING:
    from collections.abc import Iterator

now = time.monotonic_ns
"""The clock of all records."""
SUFFIX = ".history.jsonl"
_FLUSH_BYTES = 1 << 16
_FLUSH_NS = 1_000_000_000


class Workload(StrEnum):
    """Who decides when the next request is due."""

    CLOSED = "closed"
    """Each user, after the answer to the last: a slow service is asked less often."""
    OPEN = "open"
    """The clock: requests are due at a constant rate, however slow the service is."""


class Kind(StrEnum):
    """What is measured, named as a user feels it."""

    CONNECT = "connect"
    """From asking for a ticket to an open connection."""
    ACK = "send to ack"
    DELIVERED = "send to delivered"
    """From the send to the receiver's view, for each device that it reached."""
    LAST_RECEIVER = "send to last receiver"
    """From the send to the view of the member whom it reached last."""
    SYNC = "sync after absence"
    """From an open connection to a view that lacks nothing."""
    HISTORY_PAGE = "history page"
    UPLOAD = "upload"
    DOWNLOAD = "download"


class Record(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    tag_field="record",
    tag=lambda name: name.lower(),
):
    """Something that happened at a time."""

    at: int = msgspec.field(default_factory=now)


class Run(Record, frozen=True, kw_only=True):
    """A process takes part in a run. The first record of every file."""

    scenario: str
    workload: Workload
    target: str
    parameters: dict[str, str | int | float | bool | None]
    environment: Environment
    clock: str
    """Which monotonic clock `at` is of: times of equal clocks may be subtracted from each other."""
    wall: float
    """What the wall clock said at `at`: seconds since 1970."""

    @classmethod
    def begin(
        cls,
        scenario: str,
        workload: Workload,
        target: str,
        parameters: dict[str, str | int | float | bool | None] | None = None,
    ) -> Run:
        """Describe the run that this process takes part in from now on."""
        return cls(
            scenario=scenario,
            workload=workload,
            target=target,
            parameters=parameters or {},
            environment=here(),
            clock=_clock(),
            wall=time.time(),
        )


class Joined(Record, frozen=True, kw_only=True):
    """A device is entitled to a chat's messages from here on. Written before it sends or shows any.

    Joining again after having left begins a new view, after the number that is told then.
    """

    device: str
    """Unique in the run: a client that starts anew without what it held is another device."""
    user_id: str
    chat_id: str
    visible_after: int = 0
    """The device's view of the chat begins with the number that follows this one."""


class Left(Record, frozen=True, kw_only=True):
    """A device is told that its user is no member of a chat any more."""

    device: str
    chat_id: str


class Sent(Record, frozen=True, kw_only=True):
    """A device was handed a message to send; in the order in which it was."""

    device: str
    chat_id: str
    id: str


class Acked(Record, frozen=True, kw_only=True):
    """A device was told that its message is durable, and at which number."""

    device: str
    chat_id: str
    id: str
    seq: int


class Refused(Record, frozen=True, kw_only=True):
    """A device was told that its message will not be sent."""

    device: str
    chat_id: str
    id: str
    code: str
    definite: bool
    """Whether it certainly was not written."""


class Shown(Record, frozen=True, kw_only=True):
    """A device's view of a chat, after reordering, went on by this message; its own messages too."""

    device: str
    chat_id: str
    id: str
    seq: int
    sender_id: str


class Stored(Record, frozen=True, kw_only=True):
    """The service's history of a chat, read after the run, has this message next."""

    chat_id: str
    id: str
    seq: int
    sender_id: str


class StoredAll(Record, frozen=True, kw_only=True):
    """The service's history of a chat was read from its first message to its last."""

    chat_id: str
    since: int
    """When the reading began: what was acked before then must be in it."""


class Connected(Record, frozen=True, kw_only=True):
    """A device's connection is open."""

    device: str


class Disconnected(Record, frozen=True, kw_only=True):
    """A device's connection is gone; `reason` is empty where the device closed it on purpose."""

    device: str
    reason: str = ""


class Slowed(Record, frozen=True, kw_only=True):
    """A device was asked to send nothing for a while."""

    device: str
    milliseconds: int


class Failed(Record, frozen=True, kw_only=True):
    """A frame was answered with an error that the client deals with by itself: its user does not see it."""

    device: str
    code: str


class Measured(Record, frozen=True, kw_only=True):
    """How long something took. `at` is when it was over."""

    kind: Kind
    intended: int
    """When it was due: in an open workload the time to count from, so that waiting for one's turn counts."""
    start: int
    """When it began; the same in a closed workload."""
    error: str = ""
    """Why it failed: a code. Empty where it succeeded."""


class Ended(Record, frozen=True, kw_only=True):
    """A device stops. Its last record."""

    device: str
    waited_since: int | None
    """Since when it was online and waited for what it lacked: what was acked before then and is not in its
    view is lost. None when it ended offline, or did not wait: then that is not known."""
    cursors: dict[str, int]
    """Up to which number it held each chat."""


class Closed(Record, frozen=True, kw_only=True):
    """The process ends and has written everything. A file without it is of a process that was killed."""

    load_average: float = 0.0
    """Of the machine's last minute."""


AnyRecord = (
    Run
    | Joined
    | Left
    | Sent
    | Acked
    | Refused
    | Shown
    | Stored
    | StoredAll
    | Connected
    | Disconnected
    | Slowed
    | Failed
    | Measured
    | Ended
    | Closed
)


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


def _clock() -> str:
    """Name the clock that CLOCK_MONOTONIC is: one for each time a machine was started."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return platform.node()
