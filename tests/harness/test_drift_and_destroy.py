"""What was changed behind CloudFormation's back is found; a stack goes, and what stays is named."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest
from botocore.exceptions import ClientError

from harness.change_sets import Patience
from harness.confirm import Confirmation
from harness.destroy import Destruction
from harness.drift import Difference, detect_drift
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_s3 import S3Client

AT_ONCE = Patience(poll_seconds=0, deadline_seconds=60)
STACK = "AWS::CloudFormation::Stack"
BUCKET = "AWS::S3::Bucket"
TABLE = "AWS::DynamoDB::Table"


@dataclass
class FakeCloudFormation:
    """A root stack with one nested stack of a table that is kept, a bucket and a queue."""

    drifts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    detecting: int = 0
    """How often a detection is still under way when asked."""
    is_deleted: bool = False
    end: str = "DELETE_COMPLETE"

    _stacks: ClassVar[dict[str, dict[str, tuple[str, str, str | None]]]] = {
        "parley": {"Data": (STACK, "data-1", None)},
        "data-1": {
            "Chats": (TABLE, "parley-chats", "Retain"),
            "Files": (BUCKET, "parley-files", "Delete"),
            "Queue": ("AWS::SQS::Queue", "parley-queue", None),
        },
    }

    def get_paginator(self, operation: str) -> FakeCloudFormation:
        """Give the pages of a stack's resources."""
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Give each resource in a page of its own."""
        for name, (kind, physical_id, _) in self._stacks[StackName].items():
            summary = {"LogicalResourceId": name, "ResourceType": kind, "PhysicalResourceId": physical_id}
            yield {"StackResourceSummaries": [{**summary, "ResourceStatus": "CREATE_COMPLETE"}]}

    def get_template(self, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        """Give a template as text, as CloudFormation does for one without a transform."""
        assert TemplateStage == "Processed"
        resources = {
            name: {"Type": kind, **({"DeletionPolicy": policy} if policy else {})}
            for name, (kind, _, policy) in self._stacks[StackName].items()
        }
        return {"TemplateBody": json.dumps({"Resources": resources})}

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        """Give the root stack, or refuse as AWS does where there is none."""
        if self.is_deleted and self.end == "DELETE_COMPLETE":
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        status = self.end if self.is_deleted else "CREATE_COMPLETE"
        return {"Stacks": [{"StackName": "parley", "StackId": "parley", "StackStatus": status}]}

    def describe_stack_events(self, StackName: str) -> dict[str, list[dict[str, str]]]:  # noqa: N803
        """Say why the deletion failed."""
        assert StackName == "parley"
        reason = "The bucket you tried to delete is not empty"
        event = {
            "ResourceStatus": "DELETE_FAILED",
            "ResourceStatusReason": reason,
            "LogicalResourceId": "Data",
        }
        return {"StackEvents": [event]}

    def detect_stack_drift(self, StackName: str) -> dict[str, str]:  # noqa: N803
        """Begin."""
        return {"StackDriftDetectionId": f"detection of {StackName}"}

    def describe_stack_drift_detection_status(self, StackDriftDetectionId: str) -> dict[str, str]:  # noqa: N803
        """Be done after being asked often enough."""
        assert StackDriftDetectionId.startswith("detection of ")
        self.detecting -= 1
        return {"DetectionStatus": "DETECTION_IN_PROGRESS" if self.detecting >= 0 else "DETECTION_COMPLETE"}

    def describe_stack_resource_drifts(self, StackName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        """Give one resource a page."""
        found, place = self.drifts.get(StackName, []), int(NextToken)
        more = {"NextToken": str(place + 1)} if place + 1 < len(found) else {}
        return {"StackResourceDrifts": found[place : place + 1], **more}


def _drift(name: str, status: str, *differences: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "LogicalResourceId": name,
        "ResourceType": TABLE,
        "StackResourceDriftStatus": status,
        "PropertyDifferences": [
            {"PropertyPath": path, "ExpectedValue": expected, "ActualValue": actual}
            for path, expected, actual in differences
        ],
    }


def test_drift_of_a_nested_stack_is_found_and_counted() -> None:
    """Every stack is looked at; what has no detection is counted, not passed over."""
    mode = ("/BillingMode", "PAY_PER_REQUEST", "PROVISIONED")
    drifts = [_drift("Chats", "MODIFIED", mode), _drift("Files", "DELETED"), _drift("Queue", "NOT_CHECKED")]
    cloudformation = FakeCloudFormation({"data-1": drifts}, detecting=2)
    drift = detect_drift(cast("CloudFormationClient", cloudformation), "parley", AT_ONCE)
    assert drift.differences == (
        Difference("Data/Chats", TABLE, "MODIFIED", *mode),
        Difference("Data/Files", TABLE, "DELETED"),
    )
    assert (drift.checked, drift.unchecked) == (2, 2)  # the queue, and the nested stack as a resource
    assert "2 of 2 resources have drifted" in drift.report()
    assert "/BillingMode  PAY_PER_REQUEST  PROVISIONED" in drift.report()


def test_drift_of_a_stack_as_deployed_is_none() -> None:
    """A stack that nobody touched has no difference."""
    cloudformation = FakeCloudFormation({"data-1": [_drift("Chats", "IN_SYNC")]})
    drift = detect_drift(cast("CloudFormationClient", cloudformation), "parley", AT_ONCE)
    assert drift.differences == ()
    assert "0 of 1 resources have drifted" in drift.report()


@dataclass
class FakeS3:
    """A bucket with versions, a delete marker and an unfinished upload, in pages."""

    deleted: list[str] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)
    refusal: str = ""

    def get_paginator(self, operation: str) -> FakeS3:
        """Give the pages of an operation."""
        self._operation = operation
        return self

    def paginate(self, Bucket: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Give the pages."""
        assert Bucket == "parley-files"
        if self._operation == "list_object_versions":
            yield {"Versions": [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}]}
            yield {"DeleteMarkers": [{"Key": "b", "VersionId": "3"}]}
        else:
            yield {"Uploads": [{"Key": "c", "UploadId": "u"}]}

    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Delete versions, or refuse them all."""
        assert Bucket == "parley-files"
        if self.refusal:
            return {"Errors": [{"Key": "a", "Message": self.refusal}]}
        self.deleted += [each["VersionId"] for each in Delete["Objects"]]
        return {}

    def abort_multipart_upload(self, Bucket: str, Key: str, UploadId: str) -> None:  # noqa: N803
        """Note it."""
        self.aborted.append(f"{Bucket}/{Key}/{UploadId}")


def _destroy(cloudformation: FakeCloudFormation, s3: FakeS3, answer: str = "parley") -> tuple[list[str], str]:
    said: list[str] = []
    ran: list[str] = []

    def run(command: list[str]) -> str:
        ran.append(" ".join(command))
        cloudformation.is_deleted = True
        return ""

    Destruction(
        cast("CloudFormationClient", cloudformation),
        cast("S3Client", s3),
        run,
        said.append,
        Confirmation(can_ask=lambda: True, ask=lambda _question: answer),
        AT_ONCE,
    ).destroy("parley")
    return ran, "\n".join(said)


def test_destroy_empties_buckets_deletes_and_names_what_stays() -> None:
    """Versions, markers and unfinished uploads go before the stack; the table that is kept is named."""
    s3 = FakeS3()
    ran, said = _destroy(FakeCloudFormation(), s3)
    assert ran == ["aws cloudformation delete-stack --stack-name parley"]
    assert s3.deleted == ["1", "2", "3"]
    assert s3.aborted == ["parley-files/c/u"]
    goes, stays = said.split("What stays by design")
    assert "Data/Files" in goes
    assert "parley-chats" not in goes
    assert "parley-chats" in stays


def test_destroy_with_another_name_typed_touches_nothing() -> None:
    """A yes is not enough: the stack's own name is."""
    s3 = FakeS3()
    with pytest.raises(HarnessError, match="Nothing was deleted"):
        _destroy(FakeCloudFormation(), s3, answer="yes")
    assert s3.deleted == []


def test_destroy_of_no_stack_says_so() -> None:
    """There is nothing to ask for then."""
    with pytest.raises(HarnessError, match="There is no stack parley"):
        _destroy(FakeCloudFormation(is_deleted=True), FakeS3())


def test_destroy_that_fails_says_why() -> None:
    """CloudFormation's reasons, and S3's, reach the user."""
    with pytest.raises(HarnessError, match="not empty"):
        _destroy(FakeCloudFormation(end="DELETE_FAILED"), FakeS3())
    with pytest.raises(HarnessError, match="Access Denied"):
        _destroy(FakeCloudFormation(), FakeS3(refusal="Access Denied"))
