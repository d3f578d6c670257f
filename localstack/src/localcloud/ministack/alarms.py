"""CloudWatch's alarms and metrics in MiniStack, as the evaluation of alarms reads and changes them."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from localcloud.cloudwatch.alarms.definition import InvalidAlarmError, read_definition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.cloudwatch.alarms.definition import AlarmDefinition, Statistic
    from localcloud.cloudwatch.alarms.evaluation import Verdict
    from localcloud.cloudwatch.alarms.expressions import Series
    from localcloud.ministack.changes import Changes

logger = logging.getLogger(__name__)


class StoredAlarms:
    """The alarms of one account and region; implements the ``Alarms`` of ``cloudwatch.alarms``."""

    def __init__(self, account_id: str, region: str, changes: Changes) -> None:
        """Tell ``changes`` of states that change, so that they are saved."""
        self._account_id = account_id
        self._region = region
        self._changes = changes

    def definitions(self) -> Sequence[AlarmDefinition]:
        """Every alarm of metrics that can be evaluated; one of earlier data that cannot is left out."""
        with request_scope(self._account_id, self._region):
            records = list(cloudwatch._alarms.values())  # noqa: SLF001
        definitions = []
        for record in records:
            try:
                definitions.append(read_definition({k: v for k, v in record.items() if v is not None}))
            except InvalidAlarmError as fault:
                logger.warning("The alarm %s is not evaluated. %s", record["AlarmName"], fault)
        return definitions

    def series(self, statistic: Statistic, start: int, end: int) -> Series:
        """A statistic's values in the periods that begin from ``start`` on and before ``end``."""
        dimensions = cloudwatch._dims_key(dict(statistic.dimensions))  # noqa: SLF001
        with request_scope(self._account_id, self._region):
            stored = cloudwatch._metrics.get((statistic.namespace, statistic.name, dimensions), [])  # noqa: SLF001
        points: dict[int, list[dict[str, Any]]] = {}
        for point in stored:
            if start <= point["Timestamp"] < end and statistic.unit in {"", point["Unit"]}:
                period = int(point["Timestamp"]) // statistic.period * statistic.period
                points.setdefault(period, []).append(point)
        values = {period: _value(found, statistic.statistic) for period, found in points.items()}
        return {period: value for period, value in values.items() if value is not None}

    def enter(self, alarm_name: str, verdict: Verdict) -> None:
        """Put an alarm into a state: where it is another, its actions follow, and composite alarms."""
        with request_scope(self._account_id, self._region):
            alarm = cloudwatch._alarms.get(alarm_name)  # noqa: SLF001
            if alarm is None or alarm["StateValue"] == verdict.state:
                return
            change = {
                "AlarmName": alarm_name,
                "StateValue": verdict.state,
                "StateReason": verdict.reason,
            }
            status, _, body = cloudwatch._set_alarm_state({}, change, False, is_json=True)  # noqa: SLF001
        if status >= 400:  # noqa: PLR2004 - HTTP's classes of status
            raise ValueError(json.loads(body)["message"])
        self._changes.call("monitoring", "POST", "/", b"GraniteServiceVersion20100801.SetAlarmState")

    def states(self) -> Mapping[str, str]:
        """The state of every alarm, composite ones too, by its name."""
        with request_scope(self._account_id, self._region):
            every = [*cloudwatch._alarms.values(), *cloudwatch._composite_alarms.values()]  # noqa: SLF001
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in every}


def _value(points: list[dict[str, Any]], statistic: str) -> float | None:
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)  # noqa: SLF001
    return value
