"""Cold starts: an entry imports only what its function uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HANDLERS = Path(__file__).parents[2] / "handlers"


def imported(entry: str) -> set[str]:
    """Everything that a new environment has imported once the entry is."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_REGION": "us-east-1",
        "PYTHONPATH": str(HANDLERS),
    }
    code = f"import sys, {entry}; print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    )
    return set(output.stdout.split())


def test_default_and_ping_start_without_the_sdk() -> None:
    """No table, no SDK: nor the services that need them, nor boto3 anywhere."""
    modules = imported("default")
    assert {"chat.bootstrap", "chat.protocol", "msgspec"} <= modules
    assert modules.isdisjoint({"botocore", "boto3", "urllib3", "concurrent.futures", "chat.http"})
    assert not any(name.startswith(("chat.adapters", "chat.service")) for name in modules)
