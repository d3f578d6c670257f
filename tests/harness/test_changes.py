"""What a change set would do: nested stacks looked into, and what loses data told of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.changes import Change, change_table, read_changes, warnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_cloudformation import CloudFormationClient

TABLE = "AWS::DynamoDB::Table"
STACK = "AWS::CloudFormation::Stack"


@dataclass
class FakeCloudFormation:
    """CloudFormation with change sets and stacks, in pages of one entry."""

    change_sets: dict[str, list[dict[str, str]]]
    stacks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Types and logical ids."""

    def get_paginator(self, operation: str) -> FakePaginator:
        """Give the pages of an operation."""
        return FakePaginator(self, operation)


@dataclass
class FakePaginator:
    """The pages of one operation."""

    cloudformation: FakeCloudFormation
    operation: str

    def paginate(self, ChangeSetName: str = "", StackName: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803
        """Give the pages."""
        if self.operation == "describe_change_set":
            for change in self.cloudformation.change_sets[ChangeSetName]:
                yield {"Changes": [{"ResourceChange": change}]}
        else:
            for kind, name in self.cloudformation.stacks[StackName]:
                summary = {
                    "ResourceType": kind,
                    "LogicalResourceId": name,
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                yield {"StackResourceSummaries": [{**summary, "PhysicalResourceId": f"physical-{name}"}]}


def _read(cloudformation: FakeCloudFormation) -> list[Change]:
    return read_changes(cast("CloudFormationClient", cloudformation), "root")


def _change(action: str, name: str, kind: str, **more: str) -> dict[str, str]:
    return {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}


def test_changes_within_a_nested_stack_stand_in_its_place() -> None:
    """A nested stack with a change set of its own is told by what changes in it, at whatever depth."""
    changes = _read(
        FakeCloudFormation(
            {
                "root": [
                    _change("Modify", "Data", STACK, ChangeSetId="data", Replacement="False"),
                    _change("Modify", "Web", STACK, Replacement="False"),
                ],
                "data": [
                    _change("Modify", "Chats", TABLE, Replacement="False"),
                    _change("Add", "Deep", STACK, ChangeSetId="deep"),
                ],
                "deep": [_change("Add", "Inner", TABLE)],
            }
        )
    )
    assert changes == [
        Change("Modify", "Data/Chats", TABLE, "False"),
        Change("Add", "Data/Deep/Inner", TABLE),
        Change("Add", "Data/Deep", STACK),
        Change("Modify", "Web", STACK, "False"),
    ]
    assert warnings(changes) == []


def test_changes_of_a_nested_stack_that_goes_name_what_it_holds() -> None:
    """AWS tells only that the stack is removed; whoever decides must know that its tables are, too."""
    changes = _read(
        FakeCloudFormation(
            {"root": [_change("Remove", "Data", STACK, PhysicalResourceId="data-1")]},
            {"data-1": [(TABLE, "Chats"), ("AWS::SQS::Queue", "FanOut")]},
        )
    )
    assert changes == [Change("Remove", "Data/Chats", TABLE), Change("Remove", "Data", STACK)]
    assert len(warnings(changes)) == 1


@pytest.mark.parametrize(
    ("change", "loses"),
    [
        (Change("Remove", "Data/Chats", TABLE), True),
        (Change("Modify", "Data/Chats", TABLE, "True"), True),
        (Change("Modify", "Data/Chats", TABLE, "Conditional"), False),
        (Change("Modify", "Data/Chats", TABLE, "False"), False),
        (Change("Remove", "Web/Bucket", "AWS::S3::Bucket"), True),
        (Change("Modify", "Auth/UserPool", "AWS::Cognito::UserPool", "True"), True),
        (Change("Remove", "Realtime/SendMessage", "AWS::Lambda::Function"), False),
    ],
)
def test_change_loses_data_where_what_holds_it_goes_or_is_replaced(change: Change, loses: bool) -> None:
    """Tables, buckets and users are; functions can be deployed again. Who may lose some is warned, too."""
    assert change.loses_data is loses
    assert bool(warnings([change])) is (loses or change.replacement == "Conditional")


def test_change_table_lines_up_and_says_all() -> None:
    """Each change is a line, and columns begin below each other."""
    lines = change_table(
        [Change("Modify", "Data/Chats", TABLE, "False"), Change("Add", "X", STACK)]
    ).splitlines()
    assert lines == [
        "ACTION  LOGICAL ID  TYPE                        REPLACEMENT",
        "Modify  Data/Chats  AWS::DynamoDB::Table        False",
        "Add     X           AWS::CloudFormation::Stack  -",
    ]
