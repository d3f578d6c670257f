"""Deploying by change set: nothing to do, something to do, and every way to fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from harness import change_sets
from harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

NESTED = "arn:aws:cloudformation:us-east-1:000000000000:stack/parley-Data-1/1"
ROOT = "arn:aws:cloudformation:us-east-1:000000000000:stack/parley/1"


@dataclass
class FakeCloudFormation:
    """CloudFormation with one stack, as far as a change set goes."""

    status: str | None = None
    """The stack's status; None when there is none."""
    outcome: str = "CREATE_COMPLETE"
    """The stack's status once a change set was executed."""
    refusal: str | None = None
    """Why the change set fails to be made."""
    events: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    change_set: dict[str, Any] = field(default_factory=dict)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        """Give the stack, or refuse as AWS does where there is none."""
        if self.status is None:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}

    def create_change_set(self, **asked: Any) -> dict[str, str]:
        """Note what was asked for."""
        self.calls.append("create_change_set")
        self.change_set = asked
        return {"Id": "change-set", "StackId": ROOT}

    def describe_change_set(self, ChangeSetName: str) -> dict[str, str]:  # noqa: N803
        """Give the change set, made or refused."""
        assert ChangeSetName == "change-set"
        if self.refusal:
            return {"Status": "FAILED", "StatusReason": self.refusal}
        return {"Status": "CREATE_COMPLETE"}

    def execute_change_set(self, ChangeSetName: str) -> None:  # noqa: N803
        """Come to the outcome at once."""
        self.calls.append(f"execute {ChangeSetName}")
        self.status = self.outcome

    def delete_change_set(self, ChangeSetName: str) -> None:  # noqa: N803
        """Note it."""
        self.calls.append(f"delete {ChangeSetName}")

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        """Delete the stack at once."""
        self.calls.append(f"delete {StackName}")
        self.status = None

    def describe_stack_events(self, StackName: str) -> dict[str, list[dict[str, str]]]:  # noqa: N803
        """Give a stack's events, the latest first."""
        return {"StackEvents": self.events[StackName]}


def _apply(cloudformation: FakeCloudFormation) -> bool:
    client = cast("CloudFormationClient", cloudformation)
    return change_sets.apply(client, "parley", "https://bucket/key", {"Environment": "dev"})


def test_apply_no_stack_creates_it() -> None:
    """The first deployment makes the stack, with its parameters."""
    cloudformation = FakeCloudFormation()
    assert _apply(cloudformation)
    assert cloudformation.calls == ["create_change_set", "execute change-set"]
    assert cloudformation.change_set["ChangeSetType"] == "CREATE"
    assert cloudformation.change_set["Parameters"] == [
        {"ParameterKey": "Environment", "ParameterValue": "dev"}
    ]


def test_apply_stack_stands_updates_it() -> None:
    """A later deployment changes what is there."""
    cloudformation = FakeCloudFormation("CREATE_COMPLETE", outcome="UPDATE_COMPLETE")
    assert _apply(cloudformation)
    assert cloudformation.change_set["ChangeSetType"] == "UPDATE"


def test_apply_nothing_changed_executes_nothing() -> None:
    """A change set without changes is removed, and that is no fault."""
    refusal = "The submitted information didn't contain changes. Submit different information."
    cloudformation = FakeCloudFormation("UPDATE_COMPLETE", refusal=refusal)
    assert not _apply(cloudformation)
    assert cloudformation.calls == ["create_change_set", "delete change-set"]


def test_apply_failed_creation_left_over_is_deleted_first() -> None:
    """CloudFormation cannot update a stack whose creation was rolled back."""
    cloudformation = FakeCloudFormation("ROLLBACK_COMPLETE")
    assert _apply(cloudformation)
    assert cloudformation.calls[0] == "delete parley"
    assert cloudformation.change_set["ChangeSetType"] == "CREATE"


def test_apply_template_refused_says_why() -> None:
    """CloudFormation's reason reaches the user."""
    with pytest.raises(HarnessError, match="Unresolved resource dependencies"):
        _apply(FakeCloudFormation(refusal="Template format error: Unresolved resource dependencies [X]"))


def test_apply_nested_stack_fails_says_what_failed_in_it() -> None:
    """The reason is that of the resource, not only that a nested stack failed; cancellations are noise."""
    events = {
        ROOT: [
            _event("Web", "AWS::S3::Bucket", "Resource creation cancelled"),
            _event("Data", "AWS::CloudFormation::Stack", "Embedded stack failed", NESTED),
        ],
        NESTED: [_event("Chats", "AWS::DynamoDB::Table", "Table already exists: parley-chats")],
    }
    cloudformation = FakeCloudFormation(outcome="ROLLBACK_COMPLETE", events=events)
    with pytest.raises(HarnessError) as failed:
        _apply(cloudformation)
    assert "Chats: Table already exists: parley-chats" in str(failed.value)
    assert "cancelled" not in str(failed.value)


def _event(name: str, kind: str, reason: str, physical_id: str = "") -> dict[str, str]:
    return {
        "LogicalResourceId": name,
        "ResourceType": kind,
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": reason,
        "PhysicalResourceId": physical_id,
    }
