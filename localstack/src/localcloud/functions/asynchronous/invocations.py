"""Invoking functions for callers who do not wait: accept, run, retry, report."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Protocol

from localcloud.functions.asynchronous.configuration import Configurations
from localcloud.functions.asynchronous.destinations import Destinations
from localcloud.functions.asynchronous.queue import Event
from localcloud.functions.asynchronous.retries import Condition, Outcome, after, is_too_old

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from localcloud.functions.asynchronous.configuration import Configuration
    from localcloud.functions.asynchronous.queue import EventQueue
    from localcloud.functions.roles import Roles
    from localcloud.interfaces import Clock, ControlPlane, Invocation

logger = logging.getLogger(__name__)


class RepeatableFunctions(Protocol):
    """Lambda's execution plane, where an event may be tried again under its own request id."""

    async def invoke(self, function: str, payload: bytes, request_id: str = "") -> Invocation:
        """Invoke a function; see :meth:`localcloud.interfaces.Functions.invoke`."""


class AsynchronousInvocations:
    """Lambda's queue of events, and what works it off.

    An event that is accepted is run at least once: it stays in the file until its end is known and reported,
    so a restart runs again what was under way.
    """

    def __init__(
        self,
        functions: RepeatableFunctions,
        control_plane: ControlPlane,
        roles: Roles,
        queue: EventQueue,
        clock: Clock,
        concurrency: int,
        retry_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare; :meth:`open` starts.

        Args:
            functions: who runs them.
            control_plane: what is configured, and the way to destinations.
            roles: what functions may send to.
            queue: where events are kept.
            clock: the time of retries and ages.
            concurrency: how many events of one function are under way at once.
            retry_seconds: how long to wait after a function's first error; twice that after the second.
            sleep: waits that many seconds.
        """
        self._functions = functions
        self._queue = queue
        self._clock = clock
        self._concurrency = concurrency
        self._retry_seconds = retry_seconds
        self._sleep = sleep
        self._configurations = Configurations(control_plane)
        self._destinations = Destinations(control_plane, roles, self.accept)
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """The events under way, by request id."""
        self._loop: asyncio.AbstractEventLoop | None = None

    def accept(self, function: str, payload: bytes) -> str:
        """Queue an event for a function, by name or ARN, and return at once. Callable from any thread.

        Returns:
            The request id of all its attempts.
        """
        now = self._clock.now()
        event = Event(str(uuid.uuid4()), function, accepted_at=now, due_at=now)
        self._queue.add(event, payload)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin, event)
        return event.request_id

    async def open(self) -> None:
        """Go on with what was accepted before a restart, and begin what is accepted from now on."""
        self._loop = asyncio.get_running_loop()
        for event in self._queue.events():
            self._begin(event)

    async def stop(self) -> None:
        """Run nothing more; what is not done, and what is still accepted, stays for the next start."""
        self._loop = None
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop, and accept nothing more."""
        await self.stop()
        self._queue.close()

    def _begin(self, event: Event) -> None:
        # Stopped meanwhile, it stays in the file; accepted while the file was read, it is begun already.
        if self._loop is None or event.request_id in self._tasks:
            return
        task = self._loop.create_task(self._run(event))
        self._tasks[event.request_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(event.request_id))

    async def _run(self, event: Event) -> None:
        """An event's life."""
        try:
            await self._report(await self._try(event))
        except KeyError as reason:
            logger.warning("An event for %s is dropped: %s", event.function, reason.args[0])
        except Exception:
            logger.exception("An event for %s waits for the next start of localcloud.", event.function)
            return
        self._queue.remove(event.request_id)

    async def _try(self, event: Event) -> Outcome:
        """Attempt after attempt, until there is an end."""
        slot = self._slots.setdefault(event.function, asyncio.Semaphore(self._concurrency))
        following: Event | Outcome = event
        while isinstance(following, Event):
            if (delay := following.due_at - self._clock.now()) > 0:
                await self._sleep(delay)
            async with slot:
                following = await self._attempt(following, await self._configurations.of(event.function))
            if isinstance(following, Event):
                self._queue.update(following)
        return following

    async def _attempt(self, event: Event, configuration: Configuration) -> Event | Outcome:
        if is_too_old(event, configuration, self._clock.now()):
            return Outcome(event, Condition.EVENT_AGE_EXCEEDED, None)
        result = await self._invoke(event)
        return after(event, result, configuration, self._clock.now(), self._retry_seconds)

    async def _invoke(self, event: Event) -> Invocation | None:
        try:
            payload = self._queue.payload(event.request_id)
            return await self._functions.invoke(event.function, payload, event.request_id)
        except KeyError:
            raise
        except Exception:
            logger.exception("An event for %s could not be run and is tried again.", event.function)
            return None

    async def _report(self, outcome: Outcome) -> None:
        function, payload = outcome.event.function, self._queue.payload(outcome.event.request_id)
        try:
            configuration = await self._configurations.of(function)
            await self._destinations.report(outcome, configuration, payload, self._clock.now())
        except KeyError:
            raise
        except Exception:
            logger.exception("What became of an event of %s is lost.", function)
