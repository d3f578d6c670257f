"""What the dashboard and ``status`` tell of the last minutes, noted from observations as they happen.

Noting is on the path of every message: it adds to counters. Memory is bounded however much happens.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

import msgspec

from localcloud.observations import (
    ConnectionClosed,
    ConnectionOpened,
    FunctionInvoked,
    LogWritten,
    MessageSent,
    RequestServed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.interfaces import Clock
    from localcloud.observations import Observation

SECONDS: Final = 300
"""How far back counts and latencies go."""
LATENCY_BOUNDS_MS: Final = (0.5, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000, 10000)  # fmt: skip # noqa: E501
"""The upper ends of the histogram's buckets; one bucket more takes what is slower."""
ERRORS_KEPT: Final = 50
LINES_KEPT: Final = 5000
LINE_CHARACTERS: Final = 2000
"""What is kept of a log line."""

_BUCKETS: Final = len(LATENCY_BOUNDS_MS) + 1
_SERVER_ERROR: Final = 500


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """A line of a function's log, or a function's error."""

    number: int
    """Grows with each line."""
    at: int
    """Milliseconds since the epoch."""
    source: str
    """The log group, or the function's name."""
    text: str


class Connection(msgspec.Struct, frozen=True, rename="camel"):
    """An open WebSocket connection."""

    connection_id: str
    api_id: str
    stage: str
    opened_at: int
    """Milliseconds since the epoch."""


class Rates(msgspec.Struct, frozen=True, rename="camel"):
    """How often things happened in each of the last seconds, the oldest first; the last is not over yet."""

    messages_received: list[int]
    messages_sent: list[int]
    http_requests: list[int]
    invocations: list[int]
    errors: list[int]
    """Answers of 5xx, and failed integrations."""


class Latencies(msgspec.Struct, frozen=True, rename="camel"):
    """How long API Gateway took for messages and HTTP requests in the last minutes, integration included."""

    bounds_ms: tuple[float, ...]
    """The upper ends of the buckets but the last one, which has none."""
    counts: list[int]
    p50_ms: float | None
    """None where there were none; within its bucket by interpolation."""
    p95_ms: float | None
    p99_ms: float | None


@dataclass(slots=True)
class FunctionCounts:
    """What became of a function's invocations since the start."""

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    last_error: Line | None = None


@dataclass(slots=True)
class _Series:
    """One second's counts beside those of the seconds before it, as a ring."""

    width: int = 1
    counts: array[int] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = array("I", bytes(4 * self.width * SECONDS))

    def clear(self, slot: int) -> None:
        for index in range(slot * self.width, (slot + 1) * self.width):
            self.counts[index] = 0

    def oldest_first(self, slot: int) -> list[int]:
        return [*self.counts[slot + 1 :], *self.counts[: slot + 1]]


class Statistics:
    """Listens to observations."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nothing, at the time of ``clock``."""
        self._now = clock.now
        self._second = int(self._now())
        self._slot = self._second % SECONDS
        self._received = _Series()
        self._sent = _Series()
        self._requests = _Series()
        self._invocations = _Series()
        self._errors = _Series()
        self._latencies = _Series(_BUCKETS)
        self._all = (
            *(self._received, self._sent, self._requests),
            *(self._invocations, self._errors, self._latencies),
        )
        self.connections: dict[str, Connection] = {}
        """Those that are open, by their ids."""
        self.functions: dict[str, FunctionCounts] = {}
        """Those that were invoked, by their names."""
        self.last_errors: deque[Line] = deque(maxlen=ERRORS_KEPT)
        self._lines: deque[Line] = deque(maxlen=LINES_KEPT)
        self._numbered = 0
        self._note: Mapping[type[Observation], Callable[..., None]] = {
            RequestServed: self._request_served,
            ConnectionOpened: self._connection_opened,
            ConnectionClosed: self._connection_closed,
            MessageSent: self._message_sent,
            FunctionInvoked: self._function_invoked,
            LogWritten: self._log_written,
        }

    def note(self, observation: Observation) -> None:
        """Count what has just happened, where the dashboard shows it: for ``Observations.listen``."""
        if note := self._note.get(type(observation)):
            note(observation)

    def rates(self) -> Rates:
        """What happened in each of the last 300 s."""
        slot = self._now_slot()
        return Rates(
            messages_received=self._received.oldest_first(slot),
            messages_sent=self._sent.oldest_first(slot),
            http_requests=self._requests.oldest_first(slot),
            invocations=self._invocations.oldest_first(slot),
            errors=self._errors.oldest_first(slot),
        )

    def latencies(self) -> Latencies:
        """The histogram of the last 300 s."""
        self._now_slot()
        counts = [sum(self._latencies.counts[bucket::_BUCKETS]) for bucket in range(_BUCKETS)]
        return Latencies(
            bounds_ms=LATENCY_BOUNDS_MS,
            counts=counts,
            p50_ms=_quantile(counts, 0.5),
            p95_ms=_quantile(counts, 0.95),
            p99_ms=_quantile(counts, 0.99),
        )

    def lines_after(self, number: int) -> tuple[list[Line], int]:
        """The log lines after a number, as far as they are kept, and the number to ask with next."""
        lines = list(takewhile(lambda line: line.number > number, reversed(self._lines)))
        return lines[::-1], self._numbered

    def last_lines(self, count: int) -> tuple[list[Line], int]:
        """The last log lines, and the number to ask with next."""
        return list(islice(reversed(self._lines), count))[::-1], self._numbered

    def _now_slot(self) -> int:
        """The slot of this second; those of the seconds since the last call are cleared."""
        second = int(self._now())
        if second != self._second:
            for passed in range(max(self._second + 1, second - SECONDS + 1), second + 1):
                for series in self._all:
                    series.clear(passed % SECONDS)
            self._second = second
            self._slot = second % SECONDS
        return self._slot

    def _request_served(self, served: RequestServed) -> None:
        slot = self._now_slot()
        if served.protocol == "HTTP":
            self._requests.counts[slot] += 1
        elif served.event_type == "MESSAGE":
            self._received.counts[slot] += 1
        if served.integration_failed or served.status >= _SERVER_ERROR:
            self._errors.counts[slot] += 1
        self._latencies.counts[slot * _BUCKETS + bisect_left(LATENCY_BOUNDS_MS, served.latency_ms)] += 1

    def _connection_opened(self, opened: ConnectionOpened) -> None:
        self.connections[opened.connection_id] = Connection(
            opened.connection_id, opened.api_id, opened.stage, int(self._now() * 1000)
        )

    def _connection_closed(self, closed: ConnectionClosed) -> None:
        self.connections.pop(closed.connection_id, None)

    def _message_sent(self, _sent: MessageSent) -> None:
        self._sent.counts[self._now_slot()] += 1

    def _function_invoked(self, invoked: FunctionInvoked) -> None:
        counts = self.functions.get(invoked.function_name)
        if counts is None:
            counts = self.functions[invoked.function_name] = FunctionCounts()
        if invoked.throttled:
            counts.throttles += 1
            return
        self._invocations.counts[self._now_slot()] += 1
        counts.invocations += 1
        if invoked.error:
            counts.errors += 1
            counts.last_error = self._line(int(self._now() * 1000), invoked.function_name, invoked.error)
            self.last_errors.append(counts.last_error)

    def _log_written(self, written: LogWritten) -> None:
        self._lines.append(self._line(written.at, written.group, written.text))

    def _line(self, at: int, source: str, text: str) -> Line:
        self._numbered += 1
        return Line(self._numbered, at, source, text[:LINE_CHARACTERS])


def _quantile(counts: list[int], share: float) -> float | None:
    """Where that share of the latencies ends, in ms, taking them as even within their bucket."""
    total = sum(counts)
    if not total:
        return None
    wanted = share * total
    lower = 0.0
    for count, upper in zip(counts, LATENCY_BOUNDS_MS, strict=False):
        if count >= wanted:
            return round(lower + (upper - lower) * wanted / count, 2)
        wanted -= count
        lower = upper
    return lower
