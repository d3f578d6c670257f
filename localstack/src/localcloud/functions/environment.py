"""One execution environment: a process of its own for one function, which has one event at a time."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from localcloud.functions import errors
from localcloud.functions.code import InvalidCodeError
from localcloud.functions.logs import Logs, LogStream, Report
from localcloud.functions.process import Process
from localcloud.functions.runtime_api import (
    Event,
    Failed,
    InitializationFailed,
    Polled,
    Responded,
    RuntimeApi,
)
from localcloud.functions.variables import Bundle, environment_variables
from localcloud.interfaces import Invocation

if TYPE_CHECKING:
    from localcloud.functions import runtime_api
    from localcloud.functions.catalog import Function
    from localcloud.interfaces import Clock

INITIALIZATION_SECONDS: Final = 10.0
UNHANDLED: Final = "Unhandled"
"""What X-Amz-Function-Error says of every fault of a Python function."""


@dataclass(frozen=True, slots=True)
class InvocationRequest:
    """What a function is invoked with."""

    request_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Exited:
    """The process has ended, with a status as of :attr:`subprocess.Popen.returncode`."""

    status: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The time allowed is over."""


Signal = Exited | TimedOut | Polled | Responded | Failed | InitializationFailed

Prepare = Callable[["Function"], Awaitable[Bundle]]
"""Brings together on this machine what an environment of a function needs."""


class Environment:
    """An execution environment.

    Its life: :meth:`start`, then :meth:`run` and :meth:`settle` by turns, then :meth:`end`. One that could
    not initialize answers one event with the reason.
    """

    def __init__(self, function: Function, prepare: Prepare, logs: Logs, clock: Clock) -> None:
        """An environment for ``function`` that is not running yet."""
        self.function = function
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done as soon as the process has ended, whatever the reason."""
        self._prepare = prepare
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._log: LogStream = logs.open_stream(function.log_group)
        self._api = RuntimeApi(self._signal)
        self._bundle: Bundle | None = None
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._exited: Exited | None = None
        self._waiting: asyncio.Future[Signal] | None = None
        self._failure: Callable[[str], bytes] | None = None
        self._initialization_ms: float | None = None
        self._deadline = 0.0

    @property
    def ready(self) -> bool:
        """Whether the process waits for an event."""
        return self._api.polling and self._exited is None

    async def start(self) -> bool:
        """Start the process and wait until it polls; False when it cannot serve.

        AWS gives an initialization 10 s, then a second one the function's own timeout. So what works on AWS
        is an initialization within the longer of both.
        """
        began = time.monotonic()
        limit = max(INITIALIZATION_SECONDS, self.function.timeout_seconds)
        try:
            await self._launch()
        except (InvalidCodeError, KeyError) as fault:
            reason = str(fault.args[0])
            self._failure = lambda _: errors.cannot_start(reason)
            return False
        signal = Polled() if self.ready else await self._next_signal(limit)
        self._initialization_ms = (time.monotonic() - began) * 1000
        match signal:
            case Polled():
                return True
            case InitializationFailed(payload):
                self._failure = lambda _: payload
            case Exited(status):
                self._failure = lambda request_id: errors.exited(request_id, status)
            case _:
                self._failure = lambda request_id: errors.timed_out(request_id, limit)
        return False

    async def run(self, request: InvocationRequest) -> Invocation:
        """Give the process one event and wait for what comes of it, at most the function's timeout."""
        began = time.monotonic()
        self._deadline = began + self.function.timeout_seconds
        self._log.start(request.request_id)
        if self._failure is not None:
            return self._outcome(request, 0.0, self._failure(request.request_id), "error")
        self._api.send(self._event(request))
        signal = await self._next_signal(self.function.timeout_seconds)
        duration_ms = (time.monotonic() - began) * 1000
        match signal:
            case Responded(payload):
                return self._outcome(request, duration_ms, payload)
            case Failed(payload):
                return self._outcome(request, duration_ms, payload, "error")
            case Exited(status):
                error = errors.exited(request.request_id, status)
                return self._outcome(request, duration_ms, error, "error", errors.exited_text(status))
            case _:
                self._kill()
                timeout = self.function.timeout_seconds
                error = errors.timed_out(request.request_id, timeout)
                return self._outcome(request, duration_ms, error, "timeout", errors.timed_out_text(timeout))

    async def settle(self) -> bool:
        """Wait until the process polls again, up to the last event's deadline; False when it will not."""
        while not self.ready:
            match await self._next_signal(self._deadline - time.monotonic()):
                case Exited() | TimedOut():
                    return False
                case _:
                    continue
        return True

    async def end(self) -> None:
        """Kill the process with all that it started, and clear away what was the environment's."""
        if self._process is not None and self._watch is not None:
            self._kill()
            await self._watch
            self._process.close()
        self._api.close()
        if not self.gone.done():
            self.gone.set_result(None)
        if self._bundle is not None:
            await asyncio.to_thread(shutil.rmtree, self._bundle.scratch, ignore_errors=True)

    async def _launch(self) -> None:
        self._bundle = bundle = await self._prepare(self.function)
        address = await self._api.listen()
        self._process = await Process.start(
            [sys.executable, *self._interpreter_options(), *bundle.runtime.program, self.function.handler],
            environment_variables(self.function, bundle, address, self._log.name),
            bundle.code,
            self._log.write,
        )
        self._watch = asyncio.create_task(self._watch_process(self._process))

    def _interpreter_options(self) -> list[str]:
        # -S: nothing of localcloud's own packages. -P: the function's code comes before the runtime's.
        options = ["-S", "-P"]
        if self.function.live is not None:
            # Bytecode is known by its source's size and second, so what was compiled before a quick second
            # save would be taken for current; and a developer's directory is not ours to write into.
            options.append("-B")
        return options

    async def _watch_process(self, process: Process) -> None:
        self._exited = Exited(await process.ended())
        process.kill()  # what it may have left behind in its session
        self._signal(self._exited)
        if not self.gone.done():
            self.gone.set_result(None)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _signal(self, signal: Signal | runtime_api.Signal) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(signal)

    async def _next_signal(self, seconds: float) -> Signal:
        if self._exited is not None:
            return self._exited
        self._waiting = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._signal, TimedOut())
        try:
            return await self._waiting
        finally:
            timer.cancel()
            self._waiting = None

    def _event(self, request: InvocationRequest) -> Event:
        now = self._clock.now()
        return Event(
            request_id=request.request_id,
            payload=request.payload,
            function_arn=self.function.arn,
            deadline_ms=int((now + self.function.timeout_seconds) * 1000),
            trace_id=f"Root=1-{int(now):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0",
        )

    def _outcome(
        self, request: InvocationRequest, duration_ms: float, payload: bytes, status: str = "", said: str = ""
    ) -> Invocation:
        """Log the end of an invocation and say what came of it; no ``status`` when the handler returned."""
        peak_memory_bytes = None
        if self._process is not None:
            # The process wrote its output before it posted its result, so all of it stands before END.
            self._process.flush()
            peak_memory_bytes = self._process.peak_memory_bytes()
        if said:
            self._log.write(f"RequestId: {request.request_id} Error: {said}")
        self._log.end(
            Report(
                request_id=request.request_id,
                duration_ms=duration_ms,
                memory_megabytes=self.function.memory_megabytes,
                peak_memory_bytes=peak_memory_bytes,
                initialization_ms=self._initialization_ms,
                status=status,
            )
        )
        self._initialization_ms = None
        return Invocation(
            request_id=request.request_id,
            payload=payload,
            function_error=UNHANDLED if status else None,
            duration_ms=duration_ms,
            log_tail=self._log.take_tail(),
        )
