"""Brings a stack to what a bundle says, on any target.

The uploads are always `aws cloudformation package`'s. On AWS `aws cloudformation deploy` follows; on a local
target a change set made here does the same, since that command asks only every 30 seconds how it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from harness import change_sets, commands
from harness.archive import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.package import Bundle
    from harness.targets import Target

ARTIFACTS_BUCKET: Final = "parley-artifacts"
"""Where uploads go on a local target; on AWS the user names a bucket."""


def deploy_local(target: Target, bundle: Bundle, stack_name: str, parameters: Mapping[str, str]) -> bool:
    """Package and deploy to a local target; gives whether anything changed.

    Raises:
        HarnessError: packaging or the deployment failed; the message has CloudFormation's own reasons.
    """
    _make_bucket(target, ARTIFACTS_BUCKET)
    with one_at_a_time(bundle.folder):
        commands.run(commands.package_command(bundle, ARTIFACTS_BUCKET), target.environment())
        template = bundle.packaged_template.read_text()
    cloudformation = target.session().client("cloudformation", endpoint_url=target.endpoint_url)
    return change_sets.apply(cloudformation, stack_name, template, parameters)


def deploy_aws(target: Target, bundle: Bundle, stack_name: str, parameters: Path, bucket: str) -> str:
    """Package and deploy with the two commands of the README; gives what they printed.

    Raises:
        HarnessError: a command failed.
    """
    environment = target.environment()
    packaged = commands.run(commands.package_command(bundle, bucket), environment)
    return packaged + commands.run(commands.deploy_command(bundle, stack_name, parameters), environment)


def _make_bucket(target: Target, name: str) -> None:
    s3 = target.session().client("s3", endpoint_url=target.endpoint_url)
    try:
        s3.head_bucket(Bucket=name)
    except ClientError:
        s3.create_bucket(Bucket=name)
