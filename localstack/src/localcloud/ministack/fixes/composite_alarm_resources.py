"""CloudFormation: AWS::CloudWatch::CompositeAlarm cannot be deployed.

Fault: MiniStack has its API and no provisioner, so a stack with one is rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-compositealarm.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

_NOT_ACTED_ON = ("ActionsSuppressor", "ActionsSuppressorExtensionPeriod", "ActionsSuppressorWaitPeriod")


def _create(logical_id: str, properties: Properties, stack_name: str) -> Provisioned:
    return _put(_name(logical_id, properties, stack_name), properties)


def _update(
    name: str, _old: Properties, properties: Properties, stack_name: str, logical_id: str
) -> Provisioned:
    """Change it in place; one of another name is made anew, and CloudFormation removes this one."""
    return _put(_name(logical_id, properties, stack_name) if "AlarmName" in properties else name, properties)


def _delete(name: str, _properties: Properties) -> None:
    if name in cloudwatch._composite_alarms:  # noqa: SLF001
        _call(cloudwatch._delete_alarms, {"AlarmNames": [name]})  # noqa: SLF001


def _name(logical_id: str, properties: Properties, stack_name: str) -> str:
    name: str = properties.get("AlarmName") or provisioners._physical_name(  # noqa: SLF001
        stack_name, logical_id, max_len=255
    )
    return name


def _put(name: str, properties: Properties) -> Provisioned:
    if unsupported := [each for each in _NOT_ACTED_ON if each in properties]:
        raise ValueError(f"{', '.join(unsupported)} would have no effect here: leave it out.")
    enabled = str(properties.get("ActionsEnabled", True)).lower() == "true"
    request = {**properties, "AlarmName": name, "ActionsEnabled": enabled}
    _call(cloudwatch._put_composite_alarm, request)  # noqa: SLF001
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}  # noqa: SLF001


def _call(operation: Callable[..., tuple[int, object, bytes]], request: Properties) -> None:
    status, _, body = operation({}, request, False, is_json=True)
    if status >= 400:  # noqa: PLR2004 - HTTP's classes of status
        raise ValueError(json.loads(body)["message"])


FIX = Fix(
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::CloudWatch::CompositeAlarm",
        lambda _: {"create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete},
    )
)
