"""One process behind a Runtime API of its own: started, given events, frozen between them, killed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from localcloud.functions.process import Process
from localcloud.functions.runtime_api import (
    Event,
    Failed,
    InitializationFailed,
    Polled,
    Responded,
    RuntimeApi,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from localcloud.functions import runtime_api
    from localcloud.functions.guardian import Guardian

FREEZE_SECONDS: Final = 0.005
"""How long a process may wait for an event before it is frozen.

AWS freezes at once. A busy environment has its next event sooner, and is spared two signals an event.
"""


@dataclass(frozen=True, slots=True)
class Exited:
    """The process has ended, with a status as of :attr:`subprocess.Popen.returncode`."""

    status: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The time allowed is over."""


Signal = Exited | TimedOut | Polled | Responded | Failed | InitializationFailed


class Sandbox:
    """A process and what it says through its Runtime API.

    Its life: :meth:`listen`, :meth:`start`, then :meth:`send` and :meth:`next_signal` by turns, :meth:`end`.
    """

    def __init__(self, on_line: Callable[[str], None], guardian: Guardian) -> None:
        """Hand every line that the process writes to ``on_line``; ``guardian`` ends it if we cannot."""
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        """Done as soon as the process has ended, whatever the reason."""
        self._on_line = on_line
        self._guardian = guardian
        self._api = RuntimeApi(self._signal)
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._exited: Exited | None = None
        self._waiting: asyncio.Future[Signal] | None = None
        self._freezing: asyncio.TimerHandle | None = None
        self._frozen = False
        self._killed = False

    @property
    def ready(self) -> bool:
        """Whether the process waits for an event."""
        return self._api.polling and self._exited is None and not self._killed

    async def listen(self) -> str:
        """Open the Runtime API; its ``host:port``."""
        return await self._api.listen()

    async def start(self, arguments: Sequence[str], variables: Mapping[str, str], directory: Path) -> None:
        """Start the process with exactly these arguments and environment variables in ``directory``."""
        self._process = await Process.start(arguments, variables, directory, self._on_line)
        self._guardian.guard(self._process.pid)
        self._watch = asyncio.create_task(self._watch_process(self._process))

    def send(self, event: Event) -> None:
        """Give the waiting process an event, thawed."""
        if self._freezing is not None:
            self._freezing.cancel()
            self._freezing = None
        if self._frozen and self._process is not None:
            self._process.thaw()
            self._frozen = False
        self._api.send(event)

    async def next_signal(self, seconds: float) -> Signal:
        """What comes next of the process, or :class:`TimedOut` after ``seconds``."""
        if self._exited is not None:
            return self._exited
        waiting: asyncio.Future[Signal] = self._loop.create_future()
        self._waiting = waiting
        timer = self._loop.call_later(seconds, self._signal, TimedOut())
        try:
            return await waiting
        finally:
            timer.cancel()
            self._waiting = None

    def flush(self) -> None:
        """Take everything that the process has written so far."""
        if self._process is not None:
            self._process.flush()

    def peak_memory_bytes(self) -> int | None:
        """The most memory that the process has held, or None where the system does not tell."""
        return None if self._process is None else self._process.peak_memory_bytes()

    def kill(self) -> None:
        """End the process with all that it started, at once; a frozen one too."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    async def end(self) -> None:
        """Kill the process, wait for its end, close what was opened for it."""
        if self._freezing is not None:
            self._freezing.cancel()
        if self._process is not None and self._watch is not None:
            self._process.kill()
            await self._watch
            self._process.close()
        await self._api.close()
        if not self.gone.done():
            self.gone.set_result(None)

    async def _watch_process(self, process: Process) -> None:
        self._exited = Exited(await process.ended())
        process.kill()  # what it may have left behind in its session
        self._guardian.release(process.pid)
        self._signal(self._exited)
        if not self.gone.done():
            self.gone.set_result(None)

    def _signal(self, signal: Signal | runtime_api.Signal) -> None:
        if isinstance(signal, Polled):
            self._freezing = self._loop.call_later(FREEZE_SECONDS, self._freeze)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(signal)

    def _freeze(self) -> None:
        self._freezing = None
        # Only a process that waits for an event: one that lost its connection may never wake up by itself.
        if self.ready and self._process is not None:
            self._process.freeze()
            self._frozen = True
