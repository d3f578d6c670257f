"""Finds what was changed behind CloudFormation's back, in a stack and in those nested in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.resources import nested_stacks, resources_of
from harness.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

    from harness.change_sets import Patience

_IN_PROGRESS: Final = "DETECTION_IN_PROGRESS"
_TOLD: Final = frozenset({"IN_SYNC", "MODIFIED", "DELETED"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not as the template says, or a resource that is gone."""

    path: str
    """The logical ids from the root stack's down: Data/Messages."""
    kind: str
    status: str
    """MODIFIED or DELETED."""
    property_path: str = ""
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a look at every stack came to."""

    differences: tuple[Difference, ...]
    checked: int
    """How many resources could be compared."""
    unchecked: int
    """How many could not: their types have no drift detection on this target."""
    unknown: tuple[str, ...]
    """The stacks that could not be looked at whole, with CloudFormation's reasons."""

    def report(self) -> str:
        """The outcome for people to read."""
        lines = []
        if self.differences:
            lines.append(_difference_table(self.differences))
        lines += [f"Could not be told of {reason}" for reason in self.unknown]
        drifted = len({difference.path for difference in self.differences})
        lines.append(
            f"{drifted} of {self.checked} resources have drifted; CloudFormation cannot compare "
            f"{self.unchecked} more on this target."
        )
        return "\n".join(lines)


def detect_drift(cloudformation: CloudFormationClient, stack_name: str, patience: Patience) -> Drift:
    """Compare every resource of a stack, and of those nested in it, with what the templates say.

    Raises:
        HarnessError: there is no such stack, or CloudFormation takes too long.
    """
    stacks = nested_stacks(cloudformation, stack_name)
    # All at once, since each takes up to a minute on AWS.
    begun = {
        path: cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
        for path, stack in stacks.items()
    }
    unknown = [
        f"{path or stack_name}: {reason}"
        for path, detection in begun.items()
        if (reason := _wait(cloudformation, detection, patience))
    ]
    differences: list[Difference] = []
    checked = unchecked = 0
    for path, stack in stacks.items():
        drifts = list(_drifts(cloudformation, stack))
        differences += [found for drift in drifts for found in _differences(path, drift)]
        told = sum(drift["StackResourceDriftStatus"] in _TOLD for drift in drifts)
        checked += told
        unchecked += sum(1 for _ in resources_of(cloudformation, stack)) - told
    return Drift(tuple(differences), checked, unchecked, tuple(unknown))


def _wait(cloudformation: CloudFormationClient, detection: str, patience: Patience) -> str:
    """Wait until a detection is done; why it is not whole, or nothing."""
    deadline = patience.begin()
    while True:
        status = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if status["DetectionStatus"] != _IN_PROGRESS:
            return status.get("DetectionStatusReason", "")
        patience.pause(deadline, "Detecting drift")


def _drifts(cloudformation: CloudFormationClient, stack: str) -> Iterator[StackResourceDriftTypeDef]:
    page = cloudformation.describe_stack_resource_drifts(StackName=stack)
    yield from page["StackResourceDrifts"]
    while token := page.get("NextToken"):
        page = cloudformation.describe_stack_resource_drifts(StackName=stack, NextToken=token)
        yield from page["StackResourceDrifts"]


def _differences(path: str, drift: StackResourceDriftTypeDef) -> Iterator[Difference]:
    status, kind = drift["StackResourceDriftStatus"], drift["ResourceType"]
    name = f"{path}{drift['LogicalResourceId']}"
    if status == "DELETED":
        yield Difference(name, kind, status)
    elif status == "MODIFIED":
        for found in drift.get("PropertyDifferences", []):
            yield Difference(
                name, kind, status, found["PropertyPath"], found["ExpectedValue"], found["ActualValue"]
            )


def _difference_table(differences: Sequence[Difference]) -> str:
    return table(
        ("LOGICAL ID", "TYPE", "STATUS", "PROPERTY", "EXPECTED", "ACTUAL"),
        [
            (each.path, each.kind, each.status, each.property_path, each.expected, each.actual)
            for each in differences
        ],
    )
