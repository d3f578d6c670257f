"""Deploys a template by a change set: made, looked at, executed, and waited for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from harness import commands
from harness.errors import HarnessError
from harness.resources import STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_LEFT_OVER = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})
"""How a stack stands that was never up: CloudFormation can only delete it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to look, and for how long, until something is done."""

    poll_seconds: float
    deadline_seconds: float

    def begin(self) -> float:
        """The moment at which it ends if it begins now."""
        return time.monotonic() + self.deadline_seconds

    def pause(self, deadline: float, what: str) -> None:
        """Wait until the next look; HarnessError once the deadline has passed."""
        if time.monotonic() > deadline:
            raise HarnessError(f"{what} took longer than {self.deadline_seconds:.0f} s.")
        time.sleep(self.poll_seconds)


LOCAL: Final = Patience(poll_seconds=0.1, deadline_seconds=300)
"""An emulator takes a second or two."""
AWS: Final = Patience(poll_seconds=5, deadline_seconds=7_200)
"""A distribution of CloudFront's takes a quarter of an hour, and a gradual deployment what it was told to."""


def apply(
    cloudformation: CloudFormationClient, stack_name: str, template_url: str, parameters: Mapping[str, str]
) -> bool:
    """Bring a stack on a local target to a template, making it where there is none.

    Args:
        cloudformation: CloudFormation's API.
        stack_name: the stack's name.
        template_url: where the template was uploaded to.
        parameters: values of the template's parameters.

    Returns:
        Whether anything changed.

    Raises:
        HarnessError: it cannot be done, with CloudFormation's own reasons.
    """
    if is_left_over(cloudformation, stack_name):
        cloudformation.delete_stack(StackName=stack_name)
        wait_until_deleted(cloudformation, stack_name, LOCAL)
    change_set = cloudformation.create_change_set(
        StackName=stack_name,
        ChangeSetName=new_name(),
        ChangeSetType="UPDATE" if stands(cloudformation, stack_name) else "CREATE",
        TemplateURL=template_url,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=list(commands.CAPABILITIES),
    )
    if not has_changes(cloudformation, change_set["Id"], LOCAL):
        cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
        return False
    cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    wait_until_deployed(cloudformation, stack_name, change_set["StackId"], LOCAL)
    return True


def new_name() -> str:
    """A name that no other change set of the stack has."""
    return f"deploy-{time.time_ns()}"


def stands(cloudformation: CloudFormationClient, stack_name: str) -> bool:
    """Whether there is a stack that a change set would update."""
    stack = _stack(cloudformation, stack_name)
    return stack is not None and stack["StackStatus"] != "REVIEW_IN_PROGRESS"


def is_left_over(cloudformation: CloudFormationClient, stack_name: str) -> bool:
    """Whether all there is was left by a failed creation: it is to be deleted before another."""
    stack = _stack(cloudformation, stack_name)
    return stack is not None and stack["StackStatus"] in _LEFT_OVER


def has_changes(cloudformation: CloudFormationClient, change_set: str, patience: Patience) -> bool:
    """Wait until the change set is made; whether it would change anything.

    Raises:
        HarnessError: CloudFormation refuses the template, with its reason.
    """
    deadline = patience.begin()
    while True:
        made = cloudformation.describe_change_set(ChangeSetName=change_set)
        reason = made.get("StatusReason", "")
        if made["Status"] == "CREATE_COMPLETE":
            return True
        if made["Status"] == "FAILED" and any(phrase in reason for phrase in _NO_CHANGE):
            return False
        if made["Status"] == "FAILED":
            raise HarnessError(f"CloudFormation refused the template: {reason}")
        patience.pause(deadline, "Making the change set")


def wait_until_deployed(
    cloudformation: CloudFormationClient,
    stack_name: str,
    stack_id: str,
    patience: Patience,
    look: Callable[[], None] = lambda: None,
) -> None:
    """Wait until the stack is as the change set says; HarnessError with the reasons when it cannot be.

    Args:
        cloudformation: CloudFormation's API.
        stack_name: the stack's name.
        stack_id: its id.
        patience: how often to look at it, and for how long.
        look: called each time.
    """
    deadline = patience.begin()
    while True:
        look()
        status = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        if status.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
            raise _failure(cloudformation, f"The stack {stack_name} could not be deployed", stack_id, status)
        patience.pause(deadline, f"Deploying the stack {stack_name}")


def wait_until_deleted(cloudformation: CloudFormationClient, stack: str, patience: Patience) -> None:
    """Wait until a stack, given by its name or id, is gone; HarnessError with the reasons when it stays."""
    deadline = patience.begin()
    while (found := _stack(cloudformation, stack)) is not None:
        if found["StackStatus"] == "DELETE_FAILED":
            what = f"The stack {found['StackName']} could not be deleted"
            raise _failure(cloudformation, what, found.get("StackId", stack), "DELETE_FAILED")
        patience.pause(deadline, f"Deleting the stack {stack}")


def _stack(cloudformation: CloudFormationClient, stack_name: str) -> StackTypeDef | None:
    """The stack as it is; None when there is none."""
    try:
        stacks = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as refused:
        if "does not exist" in str(refused):
            return None
        raise
    return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def _failure(cloudformation: CloudFormationClient, what: str, stack_id: str, status: str) -> HarnessError:
    reasons = _failures(cloudformation, stack_id) or _alarmed(cloudformation, stack_id)
    return HarnessError(f"{what} ({status}):\n" + ("\n".join(reasons) or "CloudFormation gives no reason."))


def _alarmed(cloudformation: CloudFormationClient, stack_id: str) -> list[str]:
    """Why a deployment was taken back in which nothing failed: an alarm that was watched."""
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    return [
        f"  {event['ResourceStatusReason']}"
        for event in events
        if event.get("ResourceStatus") == "UPDATE_ROLLBACK_IN_PROGRESS" and event.get("ResourceStatusReason")
    ][:1]


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
    return event.get("ResourceType") == STACK and nested not in {"", stack_id}
