"""One event source mapping at work: gather a batch, invoke the function, delete what it has dealt with."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from localcloud.functions.catalog import function_name
from localcloud.functions.event_sources.messages import failed_message_ids, record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from localcloud.functions.event_sources.mappings import Mapping
    from localcloud.functions.event_sources.messages import Message
    from localcloud.functions.roles import Roles
    from localcloud.interfaces import Functions, Invocation

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.2
"""How late a message may be noticed that the clock alone made visible: delayed, or returned to its queue."""
PAUSE_SECONDS: Final = 1.0
"""How long a failed batch keeps its place, so that a broken function is not called without a break."""
PERMISSIONS_SECONDS: Final = 1.0
"""How long what IAM said of the function's role is good for."""
_BATCH_BYTES: Final = 6 * 1024 * 1024
_MESSAGE_BYTES: Final = 1024 * 1024
_RECEIVE_MOST: Final = 10
_ACTIONS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


class Queues(Protocol):
    """SQS, as pollers use it; KeyError where there is no such queue."""

    def receive(self, queue_arn: str, most: int) -> list[Message]:
        """Up to ``most`` messages, ten at most."""

    def delete(self, queue_arn: str, receipt_handles: Collection[str]) -> None:
        """Delete received messages."""

    def matching(self, records: Sequence[dict[str, Any]], filters: Sequence[str]) -> list[dict[str, Any]]:
        """Those of an event's records that match one of the patterns."""

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on this event loop whenever a queue may have something new."""


class Poller:
    """Polls one queue for one function until it is closed."""

    def __init__(
        self,
        mapping: Mapping,
        queues: Queues,
        functions: Functions,
        roles: Roles,
        region: str,
        concurrency: int,
    ) -> None:
        """Start polling.

        Args:
            mapping: what to poll, for whom, and how.
            queues: SQS.
            functions: who runs the function.
            roles: whether the function's role lets Lambda poll.
            region: where this is.
            concurrency: how many batches are with the function at once, where the mapping does not say.
        """
        self.mapping = mapping
        self._queues = queues
        self._functions = functions
        self._roles = roles
        self._region = region
        self._slots = asyncio.Semaphore(mapping.maximum_concurrency or concurrency)
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._trouble = ""
        self._permitted = False
        self._asked_until = 0.0
        self._batches: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        self._task = self._loop.create_task(self._run())

    def wake(self) -> None:
        """Look into the queue now."""
        self._woken.set()

    def stop(self) -> None:
        """Poll no more."""
        self._task.cancel()
        self._closing.set()

    async def close(self) -> None:
        """Poll no more, and wait for the batches that the function has."""
        self.stop()
        await asyncio.gather(self._task, *self._batches, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._slots.acquire()
            batch = await self._gather()
            task = self._loop.create_task(self._process(batch))
            self._batches.add(task)
            task.add_done_callback(self._batches.discard)

    async def _gather(self) -> list[Message]:
        """Wait for the next batch: full, or as much as came within the window."""
        batch: list[Message] = []
        deadline: float | None = None
        while True:
            self._woken.clear()
            self._receive_into(batch)
            now = self._loop.time()
            if batch and deadline is None:
                deadline = now + self.mapping.window_seconds
            if deadline is not None and (self._is_full(batch) or now >= deadline):
                return batch
            timeout = POLL_SECONDS if deadline is None else min(POLL_SECONDS, deadline - now)
            await _at_most(timeout, self._woken)

    def _receive_into(self, batch: list[Message]) -> None:
        try:
            if not self._is_permitted():
                return
            while not self._is_full(batch):
                room = (_BATCH_BYTES - _size(batch)) // _MESSAGE_BYTES
                most = min(self.mapping.batch_size - len(batch), _RECEIVE_MOST, room)
                received = self._queues.receive(self.mapping.source_arn, most)
                batch += received
                if not received:
                    break
        except KeyError as reason:
            self._complain(str(reason.args[0]))
        except Exception as fault:  # noqa: BLE001 - a poller that ended would leave its queue alone for ever
            self._complain(f"reading it fails with {fault!r}, and is tried again")
        else:
            self._trouble = ""

    def _is_full(self, batch: list[Message]) -> bool:
        return len(batch) >= self.mapping.batch_size or _size(batch) > _BATCH_BYTES - _MESSAGE_BYTES

    def _is_permitted(self) -> bool:
        if self._loop.time() < self._asked_until:
            return self._permitted
        name = function_name(self.mapping.function_arn)
        missing = [each for each in _ACTIONS if self._roles.may(name, each, self.mapping.source_arn)]
        if missing:
            actions = " and ".join(missing)
            self._complain(f"the role of {name} may not {actions} on it; allow it in the role's policy")
        self._permitted = not missing
        self._asked_until = self._loop.time() + PERMISSIONS_SECONDS
        return self._permitted

    def _complain(self, trouble: str) -> None:
        """Say once why nothing is polled."""
        if trouble != self._trouble:
            self._trouble = trouble
            logger.warning(
                "The event source mapping %s does not poll %s: %s.",
                self.mapping.mapping_id, self.mapping.source_arn, trouble.rstrip("."),
            )  # fmt: skip

    async def _process(self, batch: list[Message]) -> None:
        try:
            records = [record(message, self.mapping.source_arn, self._region) for message in batch]
            if self.mapping.filters:
                records = self._queues.matching(records, self.mapping.filters)
            wanted = {each["messageId"] for each in records}
            failed = await self._invoke(records) if records else frozenset()
            done = [each.receipt_handle for each in batch if each.message_id not in failed]
            if done:
                self._queues.delete(self.mapping.source_arn, done)
            if wanted and failed == wanted:
                await _at_most(PAUSE_SECONDS, self._closing)
        except Exception:
            logger.exception("A batch of %s returns to its queue.", self.mapping.source_arn)
        finally:
            self._slots.release()

    async def _invoke(self, records: list[dict[str, Any]]) -> frozenset[str]:
        """Give the records to the function; the ids of those that have failed."""
        batch = frozenset(str(each["messageId"]) for each in records)
        try:
            event = msgspec.json.encode({"Records": records})
            result = await self._functions.invoke(self.mapping.function_arn, event)
        except KeyError as reason:
            self._complain(str(reason.args[0]))
            return batch
        return self._failed(result, batch)

    def _failed(self, result: Invocation, batch: frozenset[str]) -> frozenset[str]:
        if result.throttled:
            return batch
        if result.function_error is not None:
            name = function_name(self.mapping.function_arn)
            logger.warning(
                "%d messages return to %s: %s failed, see its log.", len(batch), self.mapping.source_arn, name
            )
            return batch
        return failed_message_ids(result.payload, batch) if self.mapping.reports_failures else frozenset()


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _size(batch: list[Message]) -> int:
    return sum(len(message.body) for message in batch)
