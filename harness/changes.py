"""What a change set would do, in a stack and in those nested in it, and what of it would lose data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.resources import STACK, resources
from harness.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, ResourceChangeTypeDef

DURABLE: Final = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::DynamoDB::GlobalTable",
        "AWS::S3::Bucket",
        "AWS::Cognito::UserPool",
        "AWS::KMS::Key",
        "AWS::SecretsManager::Secret",
    }
)
"""Types whose resources hold what nobody can deploy again."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would be done to one resource."""

    action: str
    """Add, Modify, Remove, Import or Dynamic (known once it is executed)."""
    path: str
    """The logical ids from the root stack's down: Data/Messages."""
    kind: str
    """The resource's type."""
    replacement: str = ""
    """True, Conditional or False; empty where there is nothing to replace."""

    @property
    def loses_data(self) -> bool:
        """Whether what the resource holds would be gone, or out of the stack's reach."""
        return self.kind in DURABLE and (self.action == "Remove" or self.replacement == "True")

    @property
    def may_lose_data(self) -> bool:
        """Whether only the execution will tell."""
        return self.kind in DURABLE and self.replacement == "Conditional"


def read_changes(cloudformation: CloudFormationClient, change_set: str) -> list[Change]:
    """What a change set that is made would change; where a nested stack has its own, that in its place.

    What a nested stack would lose by going is told as removed with it.
    """
    return list(_changes(cloudformation, change_set, ""))


def change_table(changes: Sequence[Change]) -> str:
    """The changes for people to read, in the order in which they came."""
    rows = [(change.action, change.path, change.kind, change.replacement or "-") for change in changes]
    return table(("ACTION", "LOGICAL ID", "TYPE", "REPLACEMENT"), rows)


def warnings(changes: Sequence[Change]) -> list[str]:
    """What to say loudly before the changes are made, a line each."""
    lines = []
    for change in changes:
        if change.loses_data:
            does = "is removed" if change.action == "Remove" else "is replaced by an empty one"
            lines.append(f"WARNING: {change.path} ({change.kind}) {does}. Its data are lost to the stack.")
        elif change.may_lose_data:
            lines.append(f"WARNING: {change.path} ({change.kind}) may be replaced by an empty one.")
    return lines


def _changes(cloudformation: CloudFormationClient, change_set: str, path: str) -> Iterator[Change]:
    for page in cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set):
        yield from _of_page(cloudformation, page, path)


def _of_page(
    cloudformation: CloudFormationClient, page: DescribeChangeSetOutputTypeDef, path: str
) -> Iterator[Change]:
    for entry in page["Changes"]:
        resource = entry["ResourceChange"]
        name = f"{path}{resource['LogicalResourceId']}"
        change = Change(resource["Action"], name, resource["ResourceType"], resource.get("Replacement", ""))
        nested = list(_nested(cloudformation, resource, name))
        yield from nested or [change]
        if nested and change.action != "Modify":
            yield change


def _nested(
    cloudformation: CloudFormationClient, resource: ResourceChangeTypeDef, name: str
) -> Iterator[Change]:
    """What changes within a nested stack; nothing for any other resource, or where nobody looked."""
    if resource["ResourceType"] != STACK:
        return
    if change_set := resource.get("ChangeSetId"):
        yield from _changes(cloudformation, change_set, f"{name}/")
    elif resource["Action"] == "Remove" and (stack := resource.get("PhysicalResourceId")):
        for kind, logical_id in resources(cloudformation, stack):
            if kind in DURABLE:
                yield Change("Remove", f"{name}/{logical_id}", kind)
