"""Brings a CloudFormation stack to a template, and looks often whether it is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from localcloud.errors import LocalcloudError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEADLINE_SECONDS = 300.0
_POLL_SECONDS = 0.05
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_LEFT_BY_A_FAILURE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}


class DeploymentError(LocalcloudError):
    """A stack is not as its template says; the text has CloudFormation's reasons."""


def deploy(
    cloudformation: Any,  # noqa: ANN401 - boto3 makes its clients at run time
    stack_name: str,
    template: str,
    parameters: Mapping[str, str],
) -> Mapping[str, str]:
    """Create or update a stack, and wait for it.

    Args:
        cloudformation: boto3's client.
        stack_name: of the stack, which is made where there is none.
        template: its text.
        parameters: of the template, by name.

    Returns:
        The stack's outputs.

    Raises:
        DeploymentError: it failed.
    """
    wanted = {
        "StackName": stack_name,
        "TemplateBody": template,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": _CAPABILITIES,
    }
    standing = _stack(cloudformation, stack_name)
    if standing is not None and standing["StackStatus"] in _LEFT_BY_A_FAILURE:
        cloudformation.delete_stack(StackName=stack_name)
        _wait(cloudformation, stack_name, {"DELETE_COMPLETE"})
        standing = None
    try:
        (cloudformation.create_stack if standing is None else cloudformation.update_stack)(**wanted)
    except ClientError as refused:
        if standing is not None and "No updates are to be performed" in str(refused):
            return _outputs(standing)
        raise DeploymentError(f"CloudFormation refused the stack {stack_name}: {refused}") from refused
    return _wait(cloudformation, stack_name, _DONE)


def _wait(cloudformation: Any, stack_name: str, wanted: set[str]) -> Mapping[str, str]:  # noqa: ANN401 - as above
    """Wait until the stack has a status; gives its outputs."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        stack = _stack(cloudformation, stack_name) or {"StackStatus": "DELETE_COMPLETE"}
        status = stack["StackStatus"]
        if status in wanted:
            return _outputs(stack)
        if not status.endswith("_IN_PROGRESS"):
            reasons = "\n".join(_reasons(cloudformation, stack_name)) or "  CloudFormation gives no reason."
            raise DeploymentError(f"The stack {stack_name} could not be deployed ({status}):\n{reasons}")
        time.sleep(_POLL_SECONDS)
    raise DeploymentError(f"The stack {stack_name} was not deployed within {_DEADLINE_SECONDS:.0f} s.")


def _outputs(stack: Mapping[str, Any]) -> Mapping[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _stack(cloudformation: Any, stack_name: str) -> dict[str, Any] | None:  # noqa: ANN401 - as above
    """The stack as it is; None where there is none."""
    try:
        stacks = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as refused:
        if "does not exist" in str(refused):
            return None
        raise
    return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def _reasons(cloudformation: Any, stack_name: str) -> Iterator[str]:  # noqa: ANN401 - as above
    """What failed, the first failure first; what was only cancelled is left out."""
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    for event in reversed(events):
        reason = event.get("ResourceStatusReason", "")
        if event.get("ResourceStatus", "").endswith("_FAILED") and reason and "cancelled" not in reason:
            yield f"  {event.get('LogicalResourceId')}: {reason}"
