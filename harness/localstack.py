"""Starts LocalStack's image through docker-compose.yml and waits until it is ready."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from harness import paths
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "LOCALSTACK_AUTH_TOKEN"  # noqa: S105 - the name of the variable, not a token


def up_command() -> list[str]:
    """`docker compose up`, back when the container is healthy, which is after its ready hooks ran."""
    return ["docker", "compose", "--file", str(paths.ROOT / "docker-compose.yml"), "up", "--detach", "--wait"]


def down_command(*, clean: bool) -> list[str]:
    """`docker compose down`; clean removes the volume, and with it the data."""
    command = ["docker", "compose", "--file", str(paths.ROOT / "docker-compose.yml"), "down"]
    return [*command, "--volumes"] if clean else command


def start(port: int) -> None:
    """Start the image and wait until it is healthy; HarnessError where it cannot be."""
    _run(up_command(), port)


def stop(port: int, *, clean: bool) -> None:
    """Stop the image; HarnessError where Docker refuses."""
    _run(down_command(clean=clean), port)


def refuse_unequipped(environment: Mapping[str, str]) -> None:
    """Raise HarnessError where Docker or LocalStack's token is missing."""
    if not shutil.which("docker", path=environment.get("PATH", "")):
        raise HarnessError(
            "LocalStack's image needs Docker, which is not installed; the target embedded does not."
        )
    if not environment.get(TOKEN):
        raise HarnessError(
            f"LocalStack's image wants a token: set {TOKEN} to that of your LocalStack account, "
            "or use the target embedded, which needs none."
        )


def _run(command: list[str], port: int) -> None:
    # The compose file insists on the token, also to stop; stopping must not depend on it.
    environment = {TOKEN: "unset", **os.environ, "PARLEY_PORT": str(port)}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise HarnessError(f"`{' '.join(command)}` failed: {finished.stderr.strip()}")
