"""What functions write and Lambda says of them, on its way to CloudWatch Logs in batches."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from localcloud.functions.reports import JSON, written
from localcloud.observations import LogWritten

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function
    from localcloud.functions.reports import PlatformEvent
    from localcloud.interfaces import Clock, ControlPlane
    from localcloud.observations import Observations

DELIVERY_SECONDS: Final = 0.2
"""How long lines are gathered before they are delivered."""
_TAIL_BYTES: Final = 4096
"""What the Invoke API gives of an invocation's log."""


class Logs:
    """The way of all functions' lines to CloudWatch Logs."""

    def __init__(self, control_plane: ControlPlane, clock: Clock, observations: Observations) -> None:
        """Deliver to ``control_plane`` with times of ``clock``, and tell ``observations`` of every line."""
        self._control_plane = control_plane
        self._clock = clock
        self._observations = observations
        self._gathered: defaultdict[LogStream, list[tuple[int, str]]] = defaultdict(list)
        self._delivery: asyncio.TimerHandle | None = None

    def open_stream(self, function: Function) -> LogStream:
        """The stream of a new environment of ``function``, named as AWS names them."""
        day = datetime.fromtimestamp(self._clock.now(), UTC)
        return LogStream(self, function, f"{day:%Y/%m/%d}/[{function.version}]{secrets.token_hex(16)}")

    def time(self) -> str:
        """Now, in ISO 8601."""
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def append(self, stream: LogStream, text: str) -> None:
        """Take a line; it is delivered within :data:`DELIVERY_SECONDS`."""
        at = int(self._clock.now() * 1000)
        self._gathered[stream].append((at, text))
        self._observations.publish(LogWritten(stream.function.log_group, at, text))
        if self._delivery is None:
            self._delivery = asyncio.get_running_loop().call_later(DELIVERY_SECONDS, self.flush)

    def flush(self) -> None:
        """Deliver what is gathered now."""
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None
        gathered = dict(self._gathered)
        self._gathered.clear()
        for stream, events in gathered.items():
            function = stream.function
            self._control_plane.append_logs(function.log_group, stream.name, events, function.name)


class LogStream:
    """The log of one execution environment."""

    def __init__(self, logs: Logs, function: Function, name: str) -> None:
        """Use :meth:`Logs.open_stream`."""
        self._logs = logs
        self.function = function
        self.name = name
        self._invocation: deque[str] = deque(maxlen=_TAIL_BYTES)

    def write(self, text: str) -> None:
        """Take a line; an empty one leaves no log event, as on AWS."""
        # The runtime client joins the lines of one error by carriage returns, so that they stay one event.
        text = text.replace("\r", "\n").rstrip("\n")
        if text:
            self._write(text)

    def platform(self, event: PlatformEvent) -> None:
        """Take what Lambda itself says, in the function's format."""
        function = self.function
        time = self._logs.time() if function.log_format == JSON else ""
        for text in written(event, function.log_format, function.system_log_level, time):
            self._write(text)

    def take_tail(self) -> str:
        """The end of what was written since the last call, as the Invoke API's LogResult has it."""
        text = "".join(f"{line}\n" for line in self._invocation)
        self._invocation.clear()
        return text.encode()[-_TAIL_BYTES:].decode("utf-8", "ignore")

    def _write(self, text: str) -> None:
        self._invocation.append(text)
        self._logs.append(self, text)
