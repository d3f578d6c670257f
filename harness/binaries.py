"""Fetches dynoxide, the native DynamoDB of the embedded AWS, through npm."""

from __future__ import annotations

import subprocess
import sys

from harness import node, paths

MINISTACK_SERVES = "MiniStack's own DynamoDB serves instead: right, but slower with every message."


def ensure_dynoxide() -> str | None:
    """Fetch dynoxide where it is not there yet; gives None, or one line on why it cannot be had.

    The versions and hashes are those of localstack/package-lock.json. For a platform without a binary npm
    installs nothing.
    """
    if has_dynoxide():
        return None
    npm = node.npm()
    if npm is None:
        return f"There is no npm to fetch dynoxide with. {MINISTACK_SERVES}"
    command = [
        *npm,
        "ci",
        "--prefix",
        str(paths.LOCALSTACK),
        "--no-audit",
        "--no-fund",
        "--loglevel",
        "error",
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        said = finished.stderr.strip().splitlines()
        return (
            f"npm could not fetch dynoxide ({said[0] if said else finished.returncode}). {MINISTACK_SERVES}"
        )
    if not has_dynoxide():
        return f"There is no dynoxide for this platform ({sys.platform}). {MINISTACK_SERVES}"
    return None


def has_dynoxide() -> bool:
    """Whether dynoxide was fetched."""
    return any((paths.LOCALSTACK / "node_modules" / "@dynoxide").glob("*/package.json"))
