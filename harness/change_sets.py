"""Deploys a template by a change set, looking often whether it is done: an emulator takes a second or two."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from harness import commands
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.literals import ChangeSetTypeType
    from types_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

_POLL_SECONDS = 0.1
_DEADLINE_SECONDS = 300.0
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


def apply(
    cloudformation: CloudFormationClient, stack_name: str, template: str, parameters: Mapping[str, str]
) -> bool:
    """Bring a stack to a template, making it where there is none.

    Args:
        cloudformation: CloudFormation's API.
        stack_name: the stack's name.
        template: the template's text, with addresses of uploads for local paths.
        parameters: values of the template's parameters.

    Returns:
        Whether anything changed.

    Raises:
        HarnessError: it cannot be done, with CloudFormation's own reasons.
    """
    kind: ChangeSetTypeType = "UPDATE" if _can_be_updated(cloudformation, stack_name) else "CREATE"
    change_set = cloudformation.create_change_set(
        StackName=stack_name,
        ChangeSetName=f"deploy-{time.time_ns()}",
        ChangeSetType=kind,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=list(commands.CAPABILITIES),
    )
    if not _has_changes(cloudformation, change_set["Id"]):
        cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
        return False
    cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    _wait(cloudformation, stack_name, change_set["StackId"])
    return True


def _can_be_updated(cloudformation: CloudFormationClient, stack_name: str) -> bool:
    """Whether the stack stands; what a failed creation left is deleted first, as CloudFormation wants."""
    stack = _stack(cloudformation, stack_name)
    if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return False
    if stack["StackStatus"] not in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        return True
    cloudformation.delete_stack(StackName=stack_name)
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while _stack(cloudformation, stack_name) is not None:
        _pause(deadline, f"Deleting what was left of the stack {stack_name}")
    return False


def _stack(cloudformation: CloudFormationClient, stack_name: str) -> StackTypeDef | None:
    """The stack as it is; None when there is none."""
    try:
        stacks = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as refused:
        if "does not exist" in str(refused):
            return None
        raise
    return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def _has_changes(cloudformation: CloudFormationClient, change_set: str) -> bool:
    """Wait until the change set is made; whether it would change anything."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while True:
        made = cloudformation.describe_change_set(ChangeSetName=change_set)
        reason = made.get("StatusReason", "")
        if made["Status"] == "CREATE_COMPLETE":
            return True
        if made["Status"] == "FAILED" and any(phrase in reason for phrase in _NO_CHANGE):
            return False
        if made["Status"] == "FAILED":
            raise HarnessError(f"CloudFormation refused the template: {reason}")
        _pause(deadline, "Making the change set")


def _wait(cloudformation: CloudFormationClient, stack_name: str, stack_id: str) -> None:
    """Wait until the stack is as the change set says; HarnessError with the reasons when it cannot be."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while True:
        status = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        if status.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
            reasons = "\n".join(_failures(cloudformation, stack_id)) or "CloudFormation gives no reason."
            raise HarnessError(f"The stack {stack_name} could not be deployed ({status}):\n{reasons}")
        _pause(deadline, f"Deploying the stack {stack_name}")


def _failures(cloudformation: CloudFormationClient, stack_id: str) -> list[str]:
    """What failed in a stack and in those nested in it, the first failure first, cancellations left out."""
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    failures = []
    for event in reversed(events):
        if not event.get("ResourceStatus", "").endswith("_FAILED"):
            continue
        if _is_nested(event, stack_id):
            failures += _failures(cloudformation, event["PhysicalResourceId"])
        reason = event.get("ResourceStatusReason", "")
        if reason and "cancelled" not in reason:
            failures.append(f"  {event.get('LogicalResourceId')}: {reason}")
    return failures


def _is_nested(event: StackEventTypeDef, stack_id: str) -> bool:
    nested = event.get("PhysicalResourceId", "")
    return event.get("ResourceType") == "AWS::CloudFormation::Stack" and nested not in {"", stack_id}


def _pause(deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise HarnessError(f"{what} took longer than {_DEADLINE_SECONDS:.0f} s.")
    time.sleep(_POLL_SECONDS)
