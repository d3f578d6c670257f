"""Cold starts: an entry imports only what its function uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HANDLERS = Path(__file__).parents[2] / "handlers"


def imported(entry: str) -> set[str]:
    """Everything that a new environment has imported once the entry is."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_REGION": "us-east-1",
        **{f"{table}_TABLE": table for table in ("CHATS", "CONNECTIONS", "MESSAGES", "TICKETS", "USERS")},
        "LIMITS_TABLE": "LIMITS",
        "WEB_PUSH": "disabled",
        "ALLOWED_ORIGINS": "https://chat.example",
        **{f"{limit}_LIMIT": "1/100" for limit in ("SEND", "CONNECT", "TYPING")},
        "FAN_OUT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/fan-out",
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
    assert {"chat.bootstrap.handlers", "chat.protocol", "msgspec"} <= modules
    assert modules.isdisjoint({"botocore", "boto3", "urllib3", "concurrent.futures", "chat.http"})
    assert not any(name.startswith(("chat.adapters", "chat.service")) for name in modules)


@pytest.mark.parametrize(
    "entry", ["authorizer", "connect", "disconnect", "send_message", "get_messages", "sync", "tickets"]
)
def test_functions_that_only_use_tables_and_connections_start_without_the_sdk(entry: str) -> None:
    """Importing botocore would take several times as long as all else of their cold start."""
    modules = imported(entry)
    assert "chat.adapters.aws" in modules
    assert modules.isdisjoint({"botocore", "boto3", "urllib3", "http.client", "ssl"})
