"""The AWS command line, run as the README writes it."""

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
    from collections.abc import Mapping

    from harness.package import Bundle

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


def deploy_command(bundle: Bundle, stack_name: str, parameters: Path) -> list[str]:
    """`aws cloudformation deploy`: bring the stack to the packaged template; no change is no fault."""
    return [
        *("aws", "cloudformation", "deploy"),
        *("--template-file", paths.within_root(bundle.packaged_template)),
        *("--stack-name", stack_name),
        *("--parameter-overrides", f"file://{paths.within_root(parameters)}"),
        *("--capabilities", *CAPABILITIES),
        "--no-fail-on-empty-changeset",
    ]


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
