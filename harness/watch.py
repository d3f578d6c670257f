"""The alarm that takes a deployment back: CloudFormation watches it meanwhile, and for minutes after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from harness import change_sets
from harness.resources import resources

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudwatch import CloudWatchClient

_ALARM: Final = "AWS::CloudWatch::CompositeAlarm"


def rollback_configuration(
    cloudformation: CloudFormationClient, cloudwatch: CloudWatchClient, stack_name: str, minutes: int
) -> str:
    """Have the stack's alarm over all others take a deployment back.

    Args:
        cloudformation: CloudFormation's API.
        cloudwatch: CloudWatch's API.
        stack_name: the stack's name.
        minutes: how long it is watched once everything is deployed; CloudFormation allows 180.

    Returns:
        `create-change-set`'s --rollback-configuration; empty where there is no stack or no alarm yet.
    """
    if not change_sets.stands(cloudformation, stack_name):
        return ""
    names = [name for (kind, _), name in resources(cloudformation, stack_name).items() if kind == _ALARM]
    if not names:
        return ""
    alarms = cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    triggers = [{"Arn": alarm["AlarmArn"], "Type": _ALARM} for alarm in alarms]
    return msgspec.json.encode({"RollbackTriggers": triggers, "MonitoringTimeInMinutes": minutes}).decode()
