"""The execution environments of one function: which gets an event, when one more starts, when one goes."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from localcloud.functions import errors
from localcloud.interfaces import EnvironmentCounts, Invocation

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.functions.catalog import Function
    from localcloud.functions.concurrency import Concurrency
    from localcloud.functions.environment import InvocationRequest

IDLE_SECONDS: Final = 600.0
"""How long an environment without an event is kept; AWS promises nothing, and keeps them for some minutes."""


class PooledEnvironment(Protocol):
    """What the pool asks of an environment; ``localcloud.functions.environment.Environment`` is one."""

    function: Function

    @property
    def gone(self) -> asyncio.Future[None]: ...  # noqa: D102 - see the class

    @property
    def ready(self) -> bool: ...  # noqa: D102

    async def start(self) -> bool: ...  # noqa: D102

    async def run(self, request: InvocationRequest) -> Invocation: ...  # noqa: D102

    async def settle(self) -> bool: ...  # noqa: D102

    async def end(self) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class _Pending:
    """An invocation that is under way: queued, or with an environment."""

    request: InvocationRequest
    outcome: asyncio.Future[Invocation]


class Pool:
    """The environments of a function.

    An event goes to the idle environment that was used last; if none is idle, one more starts. Where AWS has
    room for 1,000 environments and then throttles, a laptop has room for a few: beyond ``limit`` events wait,
    in the order in which they came, for the first free environment. Throttled are only those that AWS would.
    """

    def __init__(
        self,
        function: Function,
        create: Callable[[Function], PooledEnvironment],
        limit: int,
        starts_at_once: int,
        concurrency: Concurrency,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """A pool without environments.

        Args:
            function: whose environments these are.
            create: makes an environment that is not running yet.
            limit: how many environments there may be at once.
            starts_at_once: how many of them may be starting. A start is computing, so more than there are
                cores would all end later, and later than the first could have served the others' events.
            concurrency: decides which invocations are throttled.
            idle_seconds: how long an environment is kept without an event.
        """
        self._concurrency = concurrency
        self._function = function
        self._create = create
        self._limit = limit
        self._starts_at_once = starts_at_once
        self._idle_seconds = idle_seconds
        self._queue: deque[_Pending] = deque()
        self._under_way: set[_Pending] = set()
        self._idle: dict[PooledEnvironment, asyncio.Future[_Pending | None]] = {}
        """Idle environments, the one used last at the end, and what wakes each: an event, or None to end."""
        self._tasks: set[asyncio.Task[None]] = set()
        """One for each environment, from before its start to after its end."""
        self._cancellable: dict[PooledEnvironment, asyncio.Task[None]] = {}
        """Those of environments that are not ending yet."""
        self._starting: dict[PooledEnvironment, asyncio.Future[None]] = {}
        """Environments that do not serve yet, and what is done when each serves or cannot."""

    @property
    def function(self) -> Function:
        """What is served now."""
        return self._function

    @property
    def used(self) -> bool:
        """Whether there is any environment."""
        return bool(self._cancellable)

    @property
    def counts(self) -> EnvironmentCounts:
        """How many environments there are, by what they do."""
        starting, idle = len(self._starting), len(self._idle)
        return EnvironmentCounts(starting, idle, len(self._tasks) - starting - idle)

    def adopt(self, function: Function) -> None:
        """Serve with what is deployed now; environments of anything else end, busy ones after their event."""
        if function is self._function:
            return
        self._function = function
        for environment in [idle for idle in self._idle if idle.function != function]:
            self._dismiss(environment)
        for environment in [starting for starting in self._starting if starting.function != function]:
            del self._starting[environment]
            self._cancellable[environment].cancel()
        self._dispatch()

    async def prewarm(self) -> None:
        """Start an environment ahead of the next event, if none is free; return when it serves or cannot."""
        if self._idle or self._starting or len(self._tasks) >= self._limit:
            return
        await self._start_another()

    async def invoke(self, request: InvocationRequest) -> Invocation:
        """Run one event. Once taken it runs even if the caller stops waiting, as on AWS."""
        function = self._function
        if not self._concurrency.enter(function):
            return Invocation(request_id=request.request_id, throttled=True)
        pending = _Pending(request, asyncio.get_running_loop().create_future())
        self._under_way.add(pending)
        pending.outcome.add_done_callback(lambda _: self._over(pending, function))
        self._queue.append(pending)
        self._dispatch()
        return await asyncio.shield(pending.outcome)

    async def close(self) -> None:
        """End every environment; events under way are answered as their environments' death."""
        self._queue.clear()
        for task in self._cancellable.values():
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pending in list(self._under_way):
            request_id = pending.request.request_id
            killed = errors.exited(request_id, -signal.SIGKILL)
            if not pending.outcome.done():
                pending.outcome.set_result(Invocation(request_id, killed, function_error="Unhandled"))

    def _over(self, pending: _Pending, function: Function) -> None:
        self._under_way.discard(pending)
        self._concurrency.leave(function)

    def _dispatch(self) -> None:
        """Give queued events to idle environments and start environments for the others."""
        while self._queue and (idle := self._take_idle()) is not None:
            idle.set_result(self._queue.popleft())
        starts = min(len(self._queue), self._starts_at_once)
        while len(self._starting) < starts and len(self._tasks) < self._limit:
            self._start_another()

    def _start_another(self) -> asyncio.Future[None]:
        """Start an environment; what is given is done when it serves, or cannot."""
        environment = self._create(self._function)
        task = asyncio.create_task(self._serve(environment))
        self._tasks.add(task)
        self._cancellable[environment] = task
        task.add_done_callback(self._ended)
        started = self._starting[environment] = asyncio.get_running_loop().create_future()
        return started

    def _take_idle(self) -> asyncio.Future[_Pending | None] | None:
        """The idle environment used last; those whose process has just died are left to be dismissed."""
        for environment in reversed(self._idle):
            if environment.ready:
                return self._idle.pop(environment)
        return None

    def _dismiss(self, environment: PooledEnvironment) -> None:
        """End an environment if it is idle."""
        idle = self._idle.pop(environment, None)
        if idle is not None:
            idle.set_result(None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._dispatch()

    async def _serve(self, environment: PooledEnvironment) -> None:
        """An environment's life: one event after the other until nothing or nobody needs it."""
        try:
            if not await self._start(environment):
                # One event learns why this environment cannot serve; the next one has another started.
                if self._queue:
                    await self._run(environment, self._queue.popleft())
                return
            environment.gone.add_done_callback(lambda _: self._dismiss(environment))
            while (pending := await self._next(environment)) is not None:
                await self._run(environment, pending)
                if not await environment.settle():
                    return
        finally:
            # From here on nothing may cancel the task: an end that is cut short would leave a process.
            self._cancellable.pop(environment, None)
            await environment.end()

    async def _start(self, environment: PooledEnvironment) -> bool:
        started = self._starting[environment]
        try:
            return await environment.start()
        except Exception as fault:
            # A fault of localcloud's own: the event that was to be served must not wait for ever.
            if self._queue:
                self._queue.popleft().outcome.set_exception(fault)
            raise
        finally:
            self._starting.pop(environment, None)
            started.set_result(None)

    async def _run(self, environment: PooledEnvironment, pending: _Pending) -> None:
        self._dispatch()  # what is queued behind this event may need another environment
        try:
            pending.outcome.set_result(await environment.run(pending.request))
        except Exception as fault:
            pending.outcome.set_exception(fault)
            raise

    async def _next(self, environment: PooledEnvironment) -> _Pending | None:
        """The environment's next event, as soon as there is one; None when it is to end."""
        if environment.function != self._function:
            return None
        if self._queue:
            return self._queue.popleft()
        loop = asyncio.get_running_loop()
        idle: asyncio.Future[_Pending | None] = loop.create_future()
        self._idle[environment] = idle
        timer = loop.call_later(self._idle_seconds, self._dismiss, environment)
        try:
            return await idle
        finally:
            timer.cancel()
            self._idle.pop(environment, None)
