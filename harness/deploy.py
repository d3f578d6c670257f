"""Brings a stack to what a bundle says, on any target.

First `aws cloudformation package`, then `aws cloudformation deploy` in its two halves, a change set that is
made and one that is executed: `nox -s deploy` shows it in between and asks. `up` asks nobody, and does the
same by the APIs alone: the command line takes a second to start, and five to read and write the templates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import ClientError

from harness import change_sets, commands
from harness.archive import one_at_a_time, write_changed
from harness.changes import change_table, read_changes, warnings
from harness.errors import HarnessError
from harness.local_uploads import ensure_local_bucket, template_key, upload_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from types_boto3_cloudformation import CloudFormationClient

    from harness.change_sets import Patience
    from harness.changes import Change
    from harness.confirm import Confirmation
    from harness.package import Bundle
    from harness.targets import Target

ARTIFACTS_BUCKET: Final = "parley-artifacts"
"""Where uploads go on a local target; on AWS, where names are the world's, account and region follow."""


def deploy_local(target: Target, bundle: Bundle, stack_name: str, parameters: Mapping[str, str]) -> bool:
    """Package and deploy to a local target without a question; gives whether anything changed.

    Raises:
        HarnessError: the deployment failed; the message has CloudFormation's own reasons.
    """
    template_url = package_locally(target, bundle, ARTIFACTS_BUCKET)
    cloudformation = target.session().client("cloudformation", endpoint_url=target.endpoint_url)
    released = with_release(parameters, template_url.rpartition("/")[2])
    return change_sets.apply(cloudformation, stack_name, template_url, released)


def with_release(parameters: Mapping[str, str], template_key: str) -> Mapping[str, str]:
    """Name what is deployed by the packaged root template's key, where a gradual shift wants a name.

    The key is its digest, and it has the address of every upload in it, which is a digest in turn: other code
    or another nested template is another release, and the same ones are the same.
    """
    if parameters.get("TrafficShift", "AllAtOnce") == "AllAtOnce" or parameters.get("Release"):
        return parameters
    return {**parameters, "Release": template_key[:_RELEASE_CHARACTERS]}


def package_locally(target: Target, bundle: Bundle, bucket: str) -> str:
    """Upload a bundle to a bucket of a local target, made if there is none; gives the root template's URL."""
    s3 = target.session().client("s3", endpoint_url=target.endpoint_url)
    ensure_local_bucket(s3, bucket)
    with one_at_a_time(bundle.folder):
        return upload_bundle(s3, bundle, bucket, str(target.endpoint_url))


def bucket_url(target: Target, bucket: str) -> str:
    """Where CloudFormation reads what is in a bucket."""
    if target.endpoint_url:
        return f"{target.endpoint_url}/{bucket}"
    return f"https://{bucket}.s3.{target.region}.amazonaws.com"


def artifacts_bucket(target: Target) -> str:
    """The name of the bucket that uploads go to where none is given."""
    if target.is_local:
        return ARTIFACTS_BUCKET
    account = target.session().client("sts").get_caller_identity()["Account"]
    return f"{ARTIFACTS_BUCKET}-{account}-{target.region}"


def ensure_bucket(target: Target, name: str, run: Callable[[list[str]], str]) -> None:
    """Make the bucket of uploads where there is none; HarnessError where it is somebody else's."""
    s3 = target.session().client("s3", endpoint_url=target.endpoint_url)
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
            raise HarnessError(
                f"The bucket {name} is not yours to upload to: name another with --bucket."
            ) from refused
        run(commands.make_bucket_command(name))


_RELEASE_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment with a look at what it would change; everything it does is a command that it says."""

    cloudformation: CloudFormationClient
    run: Callable[[list[str]], str]
    """Says and runs a command of the AWS command line."""
    say: Callable[[str], None]
    confirmation: Confirmation
    patience: Patience
    accepts_loss: bool = False
    """Whether what holds data may be removed or replaced without another question."""
    role: str = ""
    """ARN of the role by which CloudFormation makes resources; the caller's own permissions unless given."""
    rollback: str = ""
    """Which alarms take the deployment back, as `create-change-set` reads it; none unless given."""
    look: Callable[[], None] = lambda: None
    """Called each time that the deployment's state is looked at: shows what else goes on."""

    def deploy(
        self, bundle: Bundle, stack_name: str, parameters: Mapping[str, str], bucket: str, bucket_url: str
    ) -> bool:
        """Package, show the change set, ask, execute it and wait; gives whether anything changed.

        Raises:
            HarnessError: the answer is no, data would be lost unasked, or CloudFormation refuses or fails.
        """
        with one_at_a_time(bundle.folder):
            self.run(commands.package_command(bundle, bucket))
            key = template_key(bundle.packaged_template.read_bytes())
            _write_parameters(bundle, with_release(parameters, key))
            self.run(commands.upload_template_command(bundle, bucket, key))
            made = self._make(bundle, f"{bucket_url}/{key}", stack_name)
        if made is None:
            return False
        try:
            self._approve(read_changes(self.cloudformation, made.id), stack_name)
        except HarnessError:
            self._discard(made.id, stack_name)
            raise
        self.run(commands.execute_change_set_command(made.id))
        change_sets.wait_until_deployed(
            self.cloudformation, stack_name, made.stack_id, self.patience, self.look
        )
        return True

    def _approve(self, changes: Sequence[Change], stack_name: str) -> None:
        """Show what would change, loudly where data would be lost; HarnessError unless it is agreed to."""
        self.say(f"\n{change_table(changes)}\n")
        alarming = warnings(changes)
        for line in alarming:
            self.say(line)
        if any(change.loses_data for change in changes) and self.confirmation.given and not self.accepts_loss:
            raise HarnessError(
                "Nothing was deployed: --yes does not cover the loss of data, --accept-loss does."
            )
        what = "this, DATA LOSS INCLUDED," if alarming else "this"
        if not self.confirmation.agrees(f"Deploy {what} to {stack_name}?"):
            raise HarnessError("Nothing was deployed.")

    def _make(self, bundle: Bundle, template_url: str, stack_name: str) -> _Made | None:
        """Make the change set; None where it would change nothing."""
        if change_sets.is_left_over(self.cloudformation, stack_name):
            self.run(commands.delete_stack_command(stack_name))
            change_sets.wait_until_deleted(self.cloudformation, stack_name, self.patience)
        try:
            return self._make_one(bundle, template_url, stack_name, nested=True)
        except HarnessError as refused:
            # What a nested stack gets from another is not known yet, and some properties take no unknown.
            self.say(f"{refused}\nOnce more without a look into the nested stacks, as `deploy` does it:")
            return self._make_one(bundle, template_url, stack_name, nested=False)

    def _make_one(self, bundle: Bundle, template_url: str, stack_name: str, *, nested: bool) -> _Made | None:
        creates = not change_sets.stands(self.cloudformation, stack_name)
        printed = self.run(
            commands.create_change_set_command(
                bundle,
                template_url,
                stack_name,
                change_sets.new_name(),
                creates=creates,
                nested=nested,
                role=self.role,
                rollback=self.rollback,
            )
        )
        made = msgspec.json.decode(printed, type=_Made)
        if change_sets.has_changes(self.cloudformation, made.id, self.patience):
            return made
        self.run(commands.delete_change_set_command(made.id))
        return None

    def _discard(self, change_set: str, stack_name: str) -> None:
        """Leave nothing of a change set that is not wanted, nor of the stack that it would have made."""
        if change_sets.stands(self.cloudformation, stack_name):
            self.run(commands.delete_change_set_command(change_set))
        else:
            self.run(commands.delete_stack_command(stack_name))


class _Made(msgspec.Struct, frozen=True, rename="pascal"):
    """What `create-change-set` prints."""

    id: str
    stack_id: str


def _write_parameters(bundle: Bundle, parameters: Mapping[str, str]) -> None:
    """Write the parameters as `create-change-set` reads them."""
    pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    write_changed(bundle.parameters, msgspec.json.format(msgspec.json.encode(pairs), indent=2) + b"\n")
