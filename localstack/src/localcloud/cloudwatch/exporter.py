"""The listener that turns what happens in localcloud into CloudWatch's metrics."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from localcloud.cloudwatch import services
from localcloud.cloudwatch.embedded_metric_format import embedded_values
from localcloud.cloudwatch.metrics import Aggregation
from localcloud.cloudwatch.vended import VendedMetrics
from localcloud.observations import (
    FunctionInvoked,
    LogWritten,
    MessageSent,
    RequestServed,
    TablesServed,
    UserPoolAnswered,
    ViewerServed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localcloud.cloudwatch.metrics import MetricStore
    from localcloud.cloudwatch.services import MetricValue
    from localcloud.interfaces import Clock
    from localcloud.observations import Observation

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 2.0
"""How late a metric may be."""


class MetricsExporter:
    """Notes values as they come and stores them together, every few seconds and at the end."""

    def __init__(self, store: MetricStore, clock: Clock, flush_seconds: float = FLUSH_SECONDS) -> None:
        """Store into ``store``, by the time of ``clock``."""
        self._store = store
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._vended = VendedMetrics()
        self._values = Aggregation()
        self._task: asyncio.Task[None] | None = None

    def note(self, observation: Observation) -> None:
        """Note what the observation says for metrics; the listener."""
        if isinstance(observation, LogWritten):
            self._add_embedded(observation.text)
        elif isinstance(observation, RequestServed):
            self._vended.request(observation, self._clock.now())
        elif isinstance(observation, MessageSent):
            self._vended.message(observation, self._clock.now())
        elif isinstance(observation, FunctionInvoked):
            self._vended.invocation(observation, self._clock.now())
        elif isinstance(observation, TablesServed):
            self._add(services.of_tables(observation))
        elif isinstance(observation, ViewerServed):
            self._add(services.of_viewers(observation))
        elif isinstance(observation, UserPoolAnswered):
            self._add(services.of_user_pools(observation))

    def start(self) -> None:
        """Store every few seconds from now on."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def flush(self) -> None:
        """Store what is noted."""
        if points := [*self._vended.take(), *self._values.take()]:
            self._store.put_metrics(points)

    async def close(self) -> None:
        """Stop, and store what is left."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.flush()

    def _add_embedded(self, text: str) -> None:
        for value in embedded_values(text, self._clock.now()):
            self._values.add(value.metric, value.value, value.at, value.resolution)

    def _add(self, values: Iterable[MetricValue]) -> None:
        now = self._clock.now()
        for metric, value in values:
            self._values.add(metric, value, now)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._flush_seconds)
            try:
                self.flush()
            except Exception:
                logger.exception("Metrics of %g s are lost.", self._flush_seconds)
