"""CloudWatch: alarms of metric math (``Metrics``) are neither taken by PutMetricAlarm nor deployed.

Faults: PutMetricAlarm drops ``Metrics`` and stores an alarm of no metric; AWS::CloudWatch::Alarm refuses
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from localcloud.cloudwatch.alarms.definition import InvalidAlarmError, read_definition, stored_metrics
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    Properties = Mapping[str, Any]
    Answer = tuple[int, Mapping[str, str], bytes]

_OF_ONE_METRIC = (
    "Dimensions",
    "ExtendedStatistic",
    "MetricName",
    "Namespace",
    "Period",
    "Statistic",
    "Unit",
)
"""What an alarm of metric math does not have."""
_STAND_IN = {"MetricName": "-", "Namespace": "-"}


def _taking(put: Callable[..., Answer]) -> Callable[..., Answer]:
    def put_metric_alarm(
        parameters: Properties,
        body: Properties,
        is_cbor: bool,
        is_json: bool = False,
    ) -> Answer:
        is_query = not (is_cbor or is_json)
        if is_query and "Metrics.member.1.Id" in parameters:
            return _refused("Metrics are taken in JSON or CBOR alone: use a newer SDK.", is_cbor, is_json)
        if is_query or not body.get("Metrics"):
            return put(parameters, body, is_cbor, is_json)
        try:
            read_definition(body)
        except InvalidAlarmError as fault:
            return _refused(str(fault), is_cbor, is_json)
        answer = put(parameters, body, is_cbor, is_json)
        if answer[0] < 400:  # noqa: PLR2004 - HTTP's classes of status
            _set_metrics(cloudwatch._alarms[body["AlarmName"]], body)  # noqa: SLF001
        return answer

    return put_metric_alarm


def _deploying(record: Callable[[str, Properties], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def metric_alarm_record(name: str, properties: Properties) -> dict[str, Any]:
        read_definition({"AlarmName": name, **properties})
        if not properties.get("Metrics"):
            return record(name, properties)
        alarm = record(name, {**properties, **_STAND_IN, "Metrics": None})
        _set_metrics(alarm, properties)
        return alarm

    return metric_alarm_record


def _set_metrics(alarm: MutableMapping[str, Any], properties: Properties) -> None:
    for name in _OF_ONE_METRIC:
        alarm.pop(name, None)
    alarm["Metrics"] = stored_metrics(properties["Metrics"])


def _refused(message: str, is_cbor: bool, is_json: bool) -> Answer:
    answer: Answer = cloudwatch._error("ValidationError", message, 400, is_json, is_cbor)  # noqa: SLF001
    return answer


FIX = Fix(
    Patch(cloudwatch, "_put_metric_alarm", _taking),
    Patch(provisioners, "_cw_metric_alarm_record", _deploying),
)
