"""What functions write and Lambda says of them, on its way to CloudWatch Logs in batches."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from localcloud.interfaces import Clock, ControlPlane

DELIVERY_SECONDS: Final = 0.2
"""How long lines are gathered before they are delivered."""
_TAIL_BYTES: Final = 4096
"""What the Invoke API gives of an invocation's log."""


class Logs:
    """The way of all functions' lines to CloudWatch Logs."""

    def __init__(self, control_plane: ControlPlane, clock: Clock) -> None:
        """Deliver to ``control_plane`` with times of ``clock``."""
        self._control_plane = control_plane
        self._clock = clock
        self._gathered: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        self._delivery: asyncio.TimerHandle | None = None

    def open_stream(self, group: str) -> LogStream:
        """A new environment's stream in ``group``, named as AWS names them."""
        day = datetime.fromtimestamp(self._clock.now(), UTC)
        return LogStream(self, group, f"{day:%Y/%m/%d}/[$LATEST]{secrets.token_hex(16)}")

    def append(self, group: str, stream: str, text: str) -> None:
        """Take a line; it is delivered within :data:`DELIVERY_SECONDS`."""
        self._gathered[group, stream].append((int(self._clock.now() * 1000), text))
        if self._delivery is None:
            self._delivery = asyncio.get_running_loop().call_later(DELIVERY_SECONDS, self.flush)

    def flush(self) -> None:
        """Deliver what is gathered now."""
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None
        gathered = dict(self._gathered)
        self._gathered.clear()
        for (group, stream), events in gathered.items():
            self._control_plane.append_logs(group, stream, events)


class LogStream:
    """The log of one execution environment."""

    def __init__(self, logs: Logs, group: str, name: str) -> None:
        """Use :meth:`Logs.open_stream`."""
        self._logs = logs
        self.group = group
        self.name = name
        self._invocation: deque[str] = deque(maxlen=_TAIL_BYTES)

    def start(self, request_id: str) -> None:
        """An invocation begins."""
        self.write(f"START RequestId: {request_id} Version: $LATEST")

    def write(self, text: str) -> None:
        """Take a line; an empty one leaves no log event, as on AWS."""
        # The runtime client joins the lines of one error by carriage returns, so that they stay one event.
        text = text.replace("\r", "\n").rstrip("\n")
        if text:
            self._invocation.append(text)
            self._logs.append(self.group, self.name, text)

    def end(self, report: Report) -> None:
        """The invocation has ended."""
        self.write(f"END RequestId: {report.request_id}")
        self.write(str(report))

    def take_tail(self) -> str:
        """The end of what was written since the last call, as the Invoke API's LogResult has it."""
        text = "".join(f"{line}\n" for line in self._invocation)
        self._invocation.clear()
        return text.encode()[-_TAIL_BYTES:].decode("utf-8", "ignore")


@dataclass(frozen=True, slots=True)
class Report:
    """What Lambda reports of an invocation that has ended."""

    request_id: str
    duration_ms: float
    memory_megabytes: int
    peak_memory_bytes: int | None
    """None where the system does not tell."""
    initialization_ms: float | None
    """Of the invocation that had to wait for its environment's start, else None."""
    status: str = ""
    """``timeout`` or ``error``; empty when the handler returned."""

    def __str__(self) -> str:
        """AWS's line; since August 2025 the initialization is billed too."""
        billed = -int(-(self.duration_ms + (self.initialization_ms or 0.0)) // 1)
        fields = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration_ms:.2f} ms",
            f"Billed Duration: {billed} ms",
            f"Memory Size: {self.memory_megabytes} MB",
        ]
        if self.peak_memory_bytes is not None:
            fields.append(f"Max Memory Used: {self.peak_memory_bytes / 2**20:.0f} MB")
        if self.initialization_ms is not None:
            fields.append(f"Init Duration: {self.initialization_ms:.2f} ms")
        if self.status:
            fields.append(f"Status: {self.status}")
        return "\t".join(fields) + "\t"
