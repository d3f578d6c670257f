"""Reads a history once and counts: how long things took, and what happened in each second of the run.

A measurement is kept as four bytes in its second, so percentiles are exact and a million cost about 5 MB.
"""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING

from .clocks import CommonClock
from .history import (
    Acked,
    AnyRecord,
    Closed,
    Connected,
    Disconnected,
    Ended,
    Failed,
    Kind,
    Measured,
    Refused,
    Run,
    Sent,
    Shown,
    Slowed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND = 1_000_000_000


class Figures:
    """Everything of a run that is counted, second by second of the common clock."""

    def __init__(self) -> None:
        """Count from nothing."""
        self.run: Run | None = None
        """The first process's account of the run."""
        self.processes = 0
        """Those that played users."""
        self.load_average = 0.0
        """The highest that a process found when it ended."""
        self.sent: Counter[int] = Counter()
        """By second, as the three that follow."""
        self.acked: Counter[int] = Counter()
        self.shown: Counter[int] = Counter()
        self.failures: Counter[int] = Counter()
        self.connected: Counter[int] = Counter()
        """By second, how many more connections there were after it than before."""
        self.opened = self.broken = 0
        """Connections that were opened, and those that ended without their device's wish."""
        self.errors: Counter[str] = Counter()
        """By what failed and its code."""
        self.slowed = self.slowed_milliseconds = 0
        self.latencies: dict[Kind, dict[int, array[float]]] = {}
        """By kind and second: milliseconds since they were due, of what succeeded."""
        self.service_times: dict[Kind, array[float]] = {}
        """By kind: milliseconds since they began, where that is not when they were due."""
        self.failed: Counter[Kind] = Counter()
        self._clock = CommonClock()
        self._online: set[str] = set()
        self._plays = False
        self._last = 0

    def begin(self, name: str) -> None:  # noqa: ARG002 - a reader's signature
        """The records of another process follow."""
        self._online = set()
        self._plays = False

    def end(self, *, torn: bool) -> None:  # noqa: ARG002
        """A process is over, and with it the connections that it had not closed."""
        self.connected[self._last] -= len(self._online)
        self.processes += self._plays

    def take(self, record: AnyRecord) -> None:  # noqa: C901 - one case a record
        """Count a record."""
        if isinstance(record, Run):
            self._enter(record)
        second = self._last = self._clock.time(record.at) // SECOND
        match record:
            case Shown():
                self.shown[second] += 1
            case Measured():
                self._measure(record, second)
            case Sent():
                self.sent[second] += 1
            case Acked():
                self.acked[second] += 1
            case Connected(device=device):
                self._connect(device, second)
            case Disconnected(device=device, reason=reason):
                self._disconnect(device, second, reason)
            case Ended(device=device):
                self._disconnect(device, second)
            case Slowed(milliseconds=milliseconds):
                self.slowed += 1
                self.slowed_milliseconds += milliseconds
            case Refused(code=code) | Failed(code=code):
                what = "message refused" if isinstance(record, Refused) else "frame answered"
                self._fail(f"{what}: {code}", second)
            case Closed(load_average=load_average):
                self.load_average = max(self.load_average, load_average)
            case _:
                pass

    def _enter(self, run: Run) -> None:
        self.run = self.run or run
        self._clock.enter(run)

    def _connect(self, device: str, second: int) -> None:
        if device not in self._online:
            self._online.add(device)
            self._plays = True
            self.opened += 1
            self.connected[second] += 1

    def _disconnect(self, device: str, second: int, reason: str = "") -> None:
        if device in self._online:
            self._online.remove(device)
            self.connected[second] -= 1
        if reason:
            self.broken += 1

    def _fail(self, what: str, second: int) -> None:
        self.errors[what] += 1
        self.failures[second] += 1

    def _measure(self, record: Measured, second: int) -> None:
        seconds = self.latencies.setdefault(record.kind, {})
        if record.error:
            self.failed[record.kind] += 1
            if record.kind is not Kind.ACK:  # a send that failed was refused, and is counted as that
                self._fail(f"{record.kind}: {record.error}", second)
            return
        if (latencies := seconds.get(second)) is None:
            latencies = seconds[second] = array("f")
        latencies.append((record.at - record.intended) / 1_000_000)
        if record.kind not in self.service_times:
            self.service_times[record.kind] = array("f")
        self.service_times[record.kind].append((record.at - record.start) / 1_000_000)

    @property
    def seconds(self) -> range:
        """The seconds in which anything was counted."""
        counted: list[Iterable[int]] = [self.sent, self.acked, self.shown, self.failures, self.connected]
        counted += self.latencies.values()
        found = [second for seconds in counted for second in seconds]
        return range(min(found), max(found) + 1) if found else range(0)
