"""What all tests need: dynoxide, the native DynamoDB, fetched where it can be had, and time."""

from __future__ import annotations

import sys

from hypothesis import HealthCheck, settings

from harness.binaries import ensure_dynoxide

# No test fails because the machine is slow. What else holds in CI stays: there each run tries the same.
settings.register_profile(
    "parley", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("parley")


def pytest_sessionstart() -> None:
    """Fetch dynoxide once; say in one line where it cannot be had."""
    if lacking := ensure_dynoxide():
        sys.stderr.write(f"{lacking}\n")
