"""The listener that turns what happens in localcloud into CloudWatch's metrics."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from localcloud.cloudwatch.embedded_metric_format import embedded_values
from localcloud.cloudwatch.metrics import Aggregation
from localcloud.cloudwatch.vended import of_invocation, of_message, of_request
from localcloud.observations import FunctionInvoked, LogWritten, MessageSent, RequestServed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localcloud.cloudwatch.metrics import Metric, MetricStore
    from localcloud.interfaces import Clock
    from localcloud.observations import Observation

FLUSH_SECONDS = 2.0
"""How late a metric may be."""


class MetricsExporter:
    """Notes values as they come and stores them together, every few seconds and at the end."""

    def __init__(self, store: MetricStore, clock: Clock, flush_seconds: float = FLUSH_SECONDS) -> None:
        """Store into ``store``, by the time of ``clock``."""
        self._store = store
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._aggregation = Aggregation()
        self._task: asyncio.Task[None] | None = None

    def note(self, observation: Observation) -> None:
        """Note what the observation says for metrics; the listener."""
        match observation:
            case RequestServed():
                self._add(of_request(observation))
            case MessageSent():
                self._add(of_message(observation))
            case FunctionInvoked():
                self._add(of_invocation(observation))
            case LogWritten():
                self._add_embedded(observation)
            case _:
                pass

    def start(self) -> None:
        """Store every few seconds from now on."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def flush(self) -> None:
        """Store what is noted."""
        if points := self._aggregation.take():
            self._store.put_metrics(points)

    async def close(self) -> None:
        """Stop, and store what is left."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.flush()

    def _add(self, values: Iterable[tuple[Metric, float]]) -> None:
        now = self._clock.now()
        for metric, value in values:
            self._aggregation.add(metric, value, now)

    def _add_embedded(self, written: LogWritten) -> None:
        for value in embedded_values(written.text, self._clock.now()):
            self._aggregation.add(value.metric, value.value, value.at, value.resolution)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._flush_seconds)
            self.flush()
