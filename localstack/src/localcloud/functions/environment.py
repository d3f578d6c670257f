"""One execution environment: a process of its own for one function, which has one event at a time."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from localcloud.functions import errors
from localcloud.functions.code import InvalidCodeError
from localcloud.functions.reports import InitializationReport, Report, Start
from localcloud.functions.runtime_api import Event, Failed, InitializationFailed, Polled, Responded
from localcloud.functions.runtimes import UnsupportedRuntimeError, command
from localcloud.functions.sandbox import Exited, Sandbox
from localcloud.functions.variables import Bundle, environment_variables
from localcloud.interfaces import FaultEffect, Invocation
from localcloud.observations import FunctionInvoked

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function
    from localcloud.functions.guardian import Guardian
    from localcloud.functions.logs import Logs, LogStream
    from localcloud.functions.sandbox import Signal
    from localcloud.interfaces import Clock
    from localcloud.observations import Observations

INITIALIZATION_SECONDS: Final = 10.0
UNHANDLED: Final = "Unhandled"
"""What X-Amz-Function-Error says of every fault of a function of a managed runtime."""


@dataclass(frozen=True, slots=True)
class InvocationRequest:
    """What a function is invoked with."""

    request_id: str
    payload: bytes
    invoked_arn: str
    """As the caller named the function."""
    trace_id: str = ""
    """The caller's X-Amzn-Trace-Id; empty begins a trace."""
    fault: FaultEffect | None = None
    """What is to go wrong on purpose: ``CRASH_BEFORE``, ``CRASH_AFTER`` or ``TIMEOUT``."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of an event, as far as it is known before it is reported."""

    payload: bytes
    duration_ms: float = 0.0
    status: str = ""
    """``timeout`` or ``error``; empty when the handler returned."""
    said: str = ""
    """What the log says of an environment that did not outlive the event."""
    error_type: str = ""


Prepare = Callable[["Function"], Awaitable[Bundle]]
"""Brings together on this machine what an environment of a function needs."""


class Environment:
    """An execution environment.

    Its life: :meth:`start`, then :meth:`run` and :meth:`settle` by turns, then :meth:`end`. One that could
    not initialize answers one event with the reason.
    """

    def __init__(
        self,
        function: Function,
        prepare: Prepare,
        logs: Logs,
        clock: Clock,
        observations: Observations,
        guardian: Guardian,
    ) -> None:
        """An environment for ``function`` that is not running yet."""
        self.function = function
        self._prepare = prepare
        self._clock = clock
        self._observations = observations
        self._log: LogStream = logs.open_stream(function)
        self._bundle: Bundle | None = None
        self._guardian = guardian
        self._sandbox = Sandbox(self._log.write, guardian)
        self._failure: Callable[[str], _Outcome] | None = None
        self._initialization_ms: float | None = None
        self._deadline = 0.0

    @property
    def ready(self) -> bool:
        """Whether the process waits for an event."""
        return self._sandbox.ready

    @property
    def gone(self) -> asyncio.Future[None]:
        """Done as soon as the process has ended, whatever the reason."""
        return self._sandbox.gone

    async def start(self) -> bool:
        """Start the process and wait until it polls; False when it cannot serve.

        As on AWS, an initialization that fails, or takes longer than 10 s, is tried once more, and that
        attempt may take as long as the function's timeout.
        """
        try:
            self._bundle = await self._prepare(self.function)
            arguments = command(self.function, self._bundle.runtime)
        except (InvalidCodeError, UnsupportedRuntimeError, KeyError) as fault:
            outcome = _Outcome(errors.cannot_start(str(fault.args[0])), 0.0, "error")
            self._failure = lambda _: outcome
            return False
        if await self._initialize(self._bundle, arguments, "init", INITIALIZATION_SECONDS):
            return True
        await self._sandbox.end()
        self._sandbox = Sandbox(self._log.write, self._guardian)
        return await self._initialize(self._bundle, arguments, "invoke", self.function.timeout_seconds)

    async def run(self, request: InvocationRequest) -> Invocation:
        """Give the process one event and wait for what comes of it, at most the function's timeout."""
        began = time.monotonic()
        self._deadline = began + self.function.timeout_seconds
        self._log.platform(Start(request.request_id, self.function.version))
        outcome = await self._outcome(request, began)
        return self._report(request, outcome)

    async def settle(self) -> bool:
        """Wait until the process polls again, up to the last event's deadline; False when it will not."""
        while not self.ready:
            match await self._sandbox.next_signal(self._deadline - time.monotonic()):
                case Polled() | Responded() | Failed() | InitializationFailed():
                    continue
                case _:
                    return False
        return True

    async def end(self) -> None:
        """Kill the process with all that it started, and clear away what was the environment's."""
        await self._sandbox.end()
        if self._bundle is not None:
            await asyncio.to_thread(shutil.rmtree, self._bundle.scratch, ignore_errors=True)

    async def _initialize(self, bundle: Bundle, arguments: list[str], phase: str, seconds: float) -> bool:
        began = time.monotonic()
        address = await self._sandbox.listen()
        variables = environment_variables(self.function, bundle, address, self._log.name)
        await self._sandbox.start(arguments, variables, bundle.code)
        signal_ = Polled() if self._sandbox.ready else await self._sandbox.next_signal(seconds)
        duration_ms = (time.monotonic() - began) * 1000
        if isinstance(signal_, Polled):
            self._initialization_ms = duration_ms
            self._failure = None
            return True
        self._failure = lambda request_id: _ended(signal_, request_id, seconds, 0.0)
        self._sandbox.flush()
        failure = self._failure("")
        self._log.platform(InitializationReport(phase, duration_ms, failure.status, failure.error_type))
        return False

    async def _outcome(self, request: InvocationRequest, began: float) -> _Outcome:
        if self._failure is not None:
            return self._failure(request.request_id)
        seconds = self.function.timeout_seconds
        if request.fault in {FaultEffect.CRASH_BEFORE, FaultEffect.TIMEOUT}:
            self._sandbox.kill()
            timed_out = request.fault is FaultEffect.TIMEOUT
            return (
                _timed_out(request.request_id, seconds, 0.0)
                if timed_out
                else _killed(request.request_id, 0.0)
            )
        self._sandbox.send(self._event(request))
        signal_ = await self._sandbox.next_signal(seconds)
        duration_ms = (time.monotonic() - began) * 1000
        if request.fault is FaultEffect.CRASH_AFTER:
            self._sandbox.kill()
            return _killed(request.request_id, duration_ms)
        match signal_:
            case Responded(payload):
                return _Outcome(payload, duration_ms)
            case Failed(payload):
                return _Outcome(payload, duration_ms, "error")
            case _:
                self._sandbox.kill()
                return _ended(signal_, request.request_id, seconds, duration_ms)

    def _event(self, request: InvocationRequest) -> Event:
        now = self._clock.now()
        return Event(
            request_id=request.request_id,
            payload=request.payload,
            function_arn=request.invoked_arn,
            deadline_ms=int((now + self.function.timeout_seconds) * 1000),
            trace_id=request.trace_id or _new_trace_id(now),
        )

    def _report(self, request: InvocationRequest, outcome: _Outcome) -> Invocation:
        """Log the end of an invocation, tell who listens, and give what the caller gets."""
        # The process wrote its output before it posted its result, so all of it stands before END.
        self._sandbox.flush()
        if outcome.said:
            self._log.write(f"RequestId: {request.request_id} Error: {outcome.said}")
        self._log.platform(
            Report(
                request_id=request.request_id,
                duration_ms=outcome.duration_ms,
                memory_megabytes=self.function.memory_megabytes,
                peak_memory_bytes=self._sandbox.peak_memory_bytes(),
                initialization_ms=self._initialization_ms,
                status=outcome.status,
                error_type=outcome.error_type,
            )
        )
        self._observations.publish(
            FunctionInvoked(
                function_name=self.function.name,
                request_id=request.request_id,
                duration_ms=outcome.duration_ms,
                initialization_ms=self._initialization_ms,
                error=errors.summary(outcome.payload) if outcome.status else "",
                throttled=False,
            )
        )
        self._initialization_ms = None
        return Invocation(
            request_id=request.request_id,
            payload=outcome.payload,
            function_error=UNHANDLED if outcome.status else None,
            duration_ms=outcome.duration_ms,
            log_tail=self._log.take_tail(),
            executed_version=self.function.version,
        )


def _ended(signal_: Signal, request_id: str, seconds: float, duration_ms: float) -> _Outcome:
    """What comes of an event, or of an initialization, that the process did not live through."""
    match signal_:
        case InitializationFailed(payload):
            return _Outcome(payload, duration_ms, "error", error_type=errors.error_type(payload))
        case Exited(status):
            payload, text = errors.exited(request_id, status), errors.exited_text(status)
            return _Outcome(payload, duration_ms, "error", text, "Runtime.ExitError")
        case _:
            return _timed_out(request_id, seconds, duration_ms)


def _timed_out(request_id: str, seconds: float, duration_ms: float) -> _Outcome:
    payload = errors.timed_out(request_id, seconds)
    return _Outcome(payload, duration_ms, "timeout", errors.timed_out_text(seconds))


def _killed(request_id: str, duration_ms: float) -> _Outcome:
    return _ended(Exited(-signal.SIGKILL), request_id, 0.0, duration_ms)


def _new_trace_id(now: float) -> str:
    """X-Ray's header of a trace that begins now and is not sampled."""
    ids = secrets.token_hex(20)
    return f"Root=1-{int(now):08x}-{ids[:24]};Parent={ids[24:]};Sampled=0"
