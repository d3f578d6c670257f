"""Every event source mapping of the account, polled as it is deployed, changed and removed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from localcloud.functions.event_sources.mappings import Mapping, enabled_mappings
from localcloud.functions.event_sources.poller import Poller

if TYPE_CHECKING:
    from localcloud.functions.event_sources.poller import Queues
    from localcloud.functions.roles import Roles
    from localcloud.interfaces import ControlPlane, Functions

logger = logging.getLogger(__name__)

RELOAD_SECONDS: Final = 0.25
"""How late a change of a mapping may be noticed."""


class EventSources:
    """A poller for each enabled mapping of a queue."""

    def __init__(
        self,
        control_plane: ControlPlane,
        functions: Functions,
        queues: Queues,
        roles: Roles,
        concurrency: int,
        *,
        serves_table_streams: bool = True,
    ) -> None:
        """Prepare; :meth:`open` starts.

        Args:
            control_plane: which mappings there are.
            functions: who runs functions.
            queues: SQS.
            roles: which queues a function's role lets Lambda poll.
            concurrency: how many batches of a mapping are with its function at once, where it does not say.
            serves_table_streams: whether what is written to tables reaches their streams.
        """
        self._control_plane = control_plane
        self._functions = functions
        self._queues = queues
        self._roles = roles
        self._concurrency = concurrency
        self._serves_table_streams = serves_table_streams
        self._silent: set[str] = set()
        """The mappings of streams that were said to stay silent."""
        self._generation = -1
        self._pollers: dict[Mapping, Poller] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start polling."""
        self._queues.listen(self._wake)
        self._task = asyncio.create_task(self._follow())

    def stop(self) -> None:
        """Poll no more."""
        if self._task is not None:
            self._task.cancel()
        for poller in self._pollers.values():
            poller.stop()

    async def close(self) -> None:
        """Poll no more, and wait for the batches that functions have."""
        self.stop()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(poller.close() for poller in self._pollers.values()), *self._closing)

    def _wake(self) -> None:
        for poller in self._pollers.values():
            poller.wake()

    async def _follow(self) -> None:
        """Look for changes of the mappings for ever."""
        trouble = ""
        while True:
            generation = self._control_plane.generation
            if generation != self._generation:
                try:
                    self._adopt(await enabled_mappings(self._control_plane))
                    self._generation, trouble = generation, ""
                except Exception as fault:
                    if trouble != repr(fault):
                        trouble = repr(fault)
                        logger.exception("The event source mappings cannot be read, and are tried again.")
            await asyncio.sleep(RELOAD_SECONDS)

    def _adopt(self, enabled: list[Mapping]) -> None:
        self._warn_of_silent_streams(enabled)
        mappings = [mapping for mapping in enabled if ":sqs:" in mapping.source_arn]
        for gone in self._pollers.keys() - set(mappings):
            closing = asyncio.create_task(self._pollers.pop(gone).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        for mapping in mappings:
            if mapping not in self._pollers:
                self._pollers[mapping] = Poller(
                    mapping,
                    self._queues,
                    self._functions,
                    self._roles,
                    self._control_plane.region,
                    self._concurrency,
                )

    def _warn_of_silent_streams(self, enabled: list[Mapping]) -> None:
        for mapping in enabled:
            is_silent = ":dynamodb:" in mapping.source_arn and not self._serves_table_streams
            if is_silent and mapping.mapping_id not in self._silent:
                self._silent.add(mapping.mapping_id)
                logger.warning(
                    "The event source mapping %s stays silent: DynamoDB's streams are not served.",
                    mapping.mapping_id,
                )
