"""The AWS command line, run as the README and docs/operations.md write it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness import paths
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.package import Bundle
    from harness.targets import Target

CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
"""What the stack needs leave for: roles, and the transform by which conditions choose deletion policies."""


def package_command(bundle: Bundle, bucket: str) -> list[str]:
    """`aws cloudformation package`: upload a bundle's parts, write the template that names the uploads."""
    return [
        *("aws", "cloudformation", "package"),
        *("--template-file", paths.within_root(bundle.template)),
        *("--s3-bucket", bucket),
        *("--output-template-file", paths.within_root(bundle.packaged_template)),
    ]


def deploy_command(bundle: Bundle, bucket: str, stack_name: str, parameters: Path) -> list[str]:
    """`aws cloudformation deploy`: bring the stack to the packaged template; no change is no fault.

    The root template goes by the bucket, too, since a request holds 51,200 bytes of it at most.
    """
    return [
        *("aws", "cloudformation", "deploy"),
        *("--template-file", paths.within_root(bundle.packaged_template)),
        *("--s3-bucket", bucket),
        *("--stack-name", stack_name),
        *("--parameter-overrides", f"file://{paths.within_root(parameters)}"),
        *("--capabilities", *CAPABILITIES),
        "--no-fail-on-empty-changeset",
    ]


def upload_template_command(bundle: Bundle, bucket: str, key: str) -> list[str]:
    """`aws s3 cp`: the packaged root template into the bucket of uploads, as `deploy` does by itself."""
    return ["aws", "s3", "cp", paths.within_root(bundle.packaged_template), f"s3://{bucket}/{key}"]


def create_change_set_command(
    bundle: Bundle,
    template_url: str,
    stack_name: str,
    name: str,
    *,
    creates: bool,
    nested: bool,
    role: str = "",
    rollback: str = "",
) -> list[str]:
    """`aws cloudformation create-change-set`: the first half of what `deploy` does, to be looked at.

    Args:
        bundle: packaged already, with its parameters beside the template.
        template_url: where the root template was uploaded to.
        stack_name: the stack's name.
        name: the change set's name.
        creates: whether the stack is not there yet.
        nested: whether to look into the nested stacks, too.
        role: ARN of the role by which CloudFormation makes resources; the caller's permissions unless given.
        rollback: which alarms take the deployment back, and how long they may, as JSON; none unless given.
    """
    return [
        *("aws", "cloudformation", "create-change-set"),
        *("--stack-name", stack_name),
        *("--change-set-name", name),
        *("--change-set-type", "CREATE" if creates else "UPDATE"),
        *(["--include-nested-stacks"] if nested else []),
        *(["--role-arn", role] if role else []),
        *(["--rollback-configuration", rollback] if rollback else []),
        *("--template-url", template_url),
        *("--parameters", f"file://{paths.within_root(bundle.parameters)}"),
        *("--capabilities", *CAPABILITIES),
    ]


def execute_change_set_command(change_set: str) -> list[str]:
    """`aws cloudformation execute-change-set`: the second half."""
    return ["aws", "cloudformation", "execute-change-set", "--change-set-name", change_set]


def delete_change_set_command(change_set: str) -> list[str]:
    """`aws cloudformation delete-change-set`: the change set is not wanted."""
    return ["aws", "cloudformation", "delete-change-set", "--change-set-name", change_set]


def delete_stack_command(stack_name: str) -> list[str]:
    """`aws cloudformation delete-stack`: what of it is to be retained stays."""
    return ["aws", "cloudformation", "delete-stack", "--stack-name", stack_name]


def make_bucket_command(bucket: str) -> list[str]:
    """`aws s3 mb`: where uploads go, made once."""
    return ["aws", "s3", "mb", f"s3://{bucket}"]


def command_line(target: Target, say: Callable[[str], None]) -> Callable[[list[str]], str]:
    """Give the AWS command line of a target: it says each command as one types it, then runs it."""

    def said_and_run(command: list[str]) -> str:
        say(f"$ {as_typed(command)}")
        return run(command, target.environment())

    return said_and_run


def as_typed(command: list[str]) -> str:
    """A command as one types it."""
    return shlex.join(command)


def run(command: list[str], environment: Mapping[str, str]) -> str:
    """Run an AWS command in the checkout's root and give what it printed.

    Raises:
        HarnessError: the command line is not there, or the command failed.
    """
    beside_python = Path(sys.executable).with_name(command[0])
    found = str(beside_python) if beside_python.exists() else shutil.which(command[0])
    if not found:
        raise HarnessError("The AWS command line is not there: `pip install awscli`, or run through nox.")
    finished = subprocess.run(
        [found, *command[1:]],
        env=dict(environment),
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        said = (finished.stderr or finished.stdout).strip()
        raise HarnessError(f"`{as_typed(command)}` failed: {said}")
    return finished.stdout
