"""What all tests need: dynoxide, the native DynamoDB, fetched where it can be had."""

from __future__ import annotations

import sys

from harness.binaries import ensure_dynoxide


def pytest_sessionstart() -> None:
    """Fetch dynoxide once; say in one line where it cannot be had."""
    if lacking := ensure_dynoxide():
        sys.stderr.write(f"{lacking}\n")
