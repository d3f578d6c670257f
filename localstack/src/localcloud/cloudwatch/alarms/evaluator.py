"""Evaluates every alarm once a minute, as CloudWatch does, and at once when its clock is moved ahead."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Protocol

from localcloud.cloudwatch.alarms.evaluation import evaluation_range, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud.cloudwatch.alarms.definition import AlarmDefinition, Statistic
    from localcloud.cloudwatch.alarms.evaluation import Verdict
    from localcloud.cloudwatch.alarms.expressions import Series
    from localcloud.interfaces import Clock

logger = logging.getLogger(__name__)

MINUTE = 60
LATENESS_SECONDS = 5.0
"""How long after a minute has begun its predecessor is evaluated: metrics are stored up to 2 s late."""


class Alarms(Protocol):
    """CloudWatch's alarms and metrics, as far as evaluation goes."""

    def definitions(self) -> Sequence[AlarmDefinition]:
        """Every alarm of metrics that can be evaluated."""

    def series(self, statistic: Statistic, start: int, end: int) -> Series:
        """A statistic's values in the periods that begin from ``start`` on and before ``end``."""

    def enter(self, alarm_name: str, verdict: Verdict) -> None:
        """Put an alarm into a state: where it is another, its actions follow, and composite alarms."""

    def states(self) -> Mapping[str, str]:
        """The state of every alarm, composite ones too, by its name."""


class AlarmEvaluator:
    """Evaluates alarms by the time of a clock, or as much later as it is told."""

    def __init__(self, alarms: Alarms, clock: Clock, gather: Callable[[float], None]) -> None:
        """Evaluate ``alarms``.

        Args:
            alarms: the alarms and metrics.
            clock: the time.
            gather: called before each evaluation with its time: stores the metrics that are noted, and
                measures what is measured once a minute.
        """
        self._alarms = alarms
        self._clock = clock
        self._gather = gather
        self._ahead = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Evaluate once a minute from now on."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Evaluate no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def move_ahead(self, seconds: float) -> Mapping[str, str]:
        """Evaluate now, and from now on, as if it was so many seconds later than it is; the states then.

        What happens keeps its own time: a minute that is not over yet is evaluated as it stands, and later
        ones have no data. So a test need not wait for the minutes that AWS takes.
        """
        self._ahead = seconds
        self.evaluate()
        return self._alarms.states()

    def now(self) -> float:
        """Seconds since the epoch, by the clock and as much later as it was moved ahead."""
        return self._clock.now() + self._ahead

    def states(self) -> Mapping[str, str]:
        """The state of every alarm by its name."""
        return self._alarms.states()

    def evaluate(self) -> None:
        """Evaluate every alarm; one that cannot be costs the others nothing."""
        now = self.now()
        self._gather(now)
        for alarm in self._alarms.definitions():
            try:
                self._evaluate(alarm, now)
            except Exception:
                logger.exception("The alarm %s cannot be evaluated.", alarm.name)

    def _evaluate(self, alarm: AlarmDefinition, now: float) -> None:
        periods = evaluation_range(alarm, now)
        verdict = judge(alarm, self._watched(alarm, periods), periods)
        if verdict is not None:
            self._alarms.enter(alarm.name, verdict)

    def _watched(self, alarm: AlarmDefinition, periods: range) -> Series:
        known = {
            id_: self._alarms.series(statistic, periods.start, periods.stop)
            for id_, statistic in alarm.statistics.items()
        }
        statistics = list(known.values())

        def read(id_: str) -> Series:
            if id_ not in known:
                known[id_] = alarm.expressions[id_].evaluate(read, statistics, periods)
            return known[id_]

        return read(alarm.watched)

    async def _run(self) -> None:
        while True:
            now = self._clock.now()
            await asyncio.sleep((LATENESS_SECONDS - now) % MINUTE or MINUTE)
            try:
                self.evaluate()
            except Exception:
                logger.exception("Alarms are not evaluated this minute.")
