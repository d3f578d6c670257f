"""Takes a deployed stack away: empties what must be empty to be deleted, deletes, and says what stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from harness import change_sets, commands
from harness.changes import DURABLE
from harness.errors import HarnessError
from harness.resources import nested_stacks, resources_of
from harness.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from harness.change_sets import Patience
    from harness.confirm import Confirmation

_BUCKET: Final = "AWS::S3::Bucket"
_RETAINING: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_MOST_AT_ONCE: Final = 1_000
"""Objects that one request deletes."""


@dataclass(frozen=True, slots=True)
class Held:
    """A resource of the stack, and whether it outlives it."""

    path: str
    """The logical ids from the root stack's down: Data/Messages."""
    kind: str
    physical_id: str
    is_retained: bool


def survey(cloudformation: CloudFormationClient, stack_name: str) -> list[Held]:
    """Everything in a stack and in those nested in it, with what its template wants of its deletion."""
    found = []
    for path, stack in nested_stacks(cloudformation, stack_name).items():
        template = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
        retained = _retained(template)
        found += [
            Held(
                f"{path}{resource['LogicalResourceId']}",
                resource["ResourceType"],
                resource["PhysicalResourceId"],
                resource["LogicalResourceId"] in retained,
            )
            for resource in resources_of(cloudformation, stack)
        ]
    return found


@dataclass(frozen=True, slots=True)
class Destruction:
    """One deletion with a question before it."""

    cloudformation: CloudFormationClient
    s3: S3Client
    run: Callable[[list[str]], str]
    """Says and runs a command of the AWS command line."""
    say: Callable[[str], None]
    confirmation: Confirmation
    patience: Patience

    def destroy(self, stack_name: str) -> None:
        """Show what goes and what stays, ask for the stack's name, empty its buckets and delete it.

        Raises:
            HarnessError: there is no such stack, the name is not typed, or CloudFormation fails.
        """
        if not change_sets.stands(self.cloudformation, stack_name):
            raise HarnessError(f"There is no stack {stack_name} to delete.")
        held = survey(self.cloudformation, stack_name)
        lost = [each for each in held if each.kind in DURABLE and not each.is_retained]
        retained = [each for each in held if each.is_retained]
        self.say(f"{len(held) - len(retained)} resources will be deleted, with all data in these:")
        self.say(_held_table(lost))
        if not self.confirmation.types(stack_name, f"Type {stack_name} to delete it"):
            raise HarnessError("Nothing was deleted.")
        for each in lost:
            if each.kind == _BUCKET:
                self.say(f"Emptying {each.physical_id}: {empty(self.s3, each.physical_id)} versions deleted.")
        stack_id = self.cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackId"]
        self.run(commands.delete_stack_command(stack_name))
        change_sets.wait_until_deleted(self.cloudformation, stack_id, self.patience)
        self.say(f"The stack {stack_name} is deleted.")
        if retained:
            self.say("What stays by design; docs/operations.md says how each is deleted:")
            self.say(_held_table(retained))


def empty(s3: S3Client, bucket: str) -> int:
    """Delete every version of every object of a bucket, and what was begun to be uploaded.

    Returns:
        How many versions there were.

    Raises:
        HarnessError: S3 refuses to delete one.
    """
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions: list[ObjectIdentifierTypeDef] = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        ]
        for first in range(0, len(versions), _MOST_AT_ONCE):
            part = versions[first : first + _MOST_AT_ONCE]
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": part, "Quiet": True})
            if refused := answer.get("Errors"):
                why = f"{refused[0].get('Key')}: {refused[0].get('Message')}"
                raise HarnessError(f"The bucket {bucket} could not be emptied: {why}")
            deleted += len(part)
    for uploads in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in uploads.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return deleted


class _Loader(yaml.SafeLoader):
    """YAML whose short forms of functions stand for nothing: no policy is one, once it is processed."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def _retained(template: str | Mapping[str, Any]) -> set[str]:
    """The logical ids of what a processed template keeps."""
    parsed = template if isinstance(template, Mapping) else yaml.load(template, _Loader)  # noqa: S506 - safe
    return {
        name for name, resource in parsed["Resources"].items() if resource.get("DeletionPolicy") in _RETAINING
    }


def _held_table(held: Sequence[Held]) -> str:
    return table(
        ("LOGICAL ID", "TYPE", "PHYSICAL ID"), [(each.path, each.kind, each.physical_id) for each in held]
    )
