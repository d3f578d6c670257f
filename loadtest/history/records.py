"""What a history tells: one type of record for each thing that a device did or saw."""

from __future__ import annotations

import platform
import time
from enum import StrEnum
from pathlib import Path

import msgspec

from loadtest.environment import Environment, here

now = time.monotonic_ns
"""The clock of all records."""


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


def _clock() -> str:
    """Name the clock that CLOCK_MONOTONIC is: one for each time a machine was started."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return platform.node()
