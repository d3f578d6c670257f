"""The load test: what it measures on a stack, and that its verdict sees what goes wrong there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.faults import fault
from harness import paths
from harness.outputs import write_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.faults import Faults

USERS = 12
SECONDS = 3
PATIENCE = 300.0
"""Seconds within which a run has ended, however busy the machine is."""


@contextmanager
def load(account: Account, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a run against the stack, whose output can be read line by line."""
    write_outputs(folder / "outputs.json", account.outputs)
    command = [
        sys.executable,
        "-m",
        "loadtest",
        "--target",
        account.target.name,
        "--folder",
        str(folder / "run"),
    ]
    where = ["--outputs", str(folder / "outputs.json"), "--stack", account.stack_name]
    process = subprocess.Popen(
        [*command, *where, "--users", str(USERS), "--duration", str(SECONDS), "--think", "0.5", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def summary_of(folder: Path) -> dict[str, Any]:
    """Read what a run left."""
    return dict(json.loads((folder / "run" / "summary.json").read_text()))


@pytest.mark.local_only("a load test on AWS costs money")
def test_run_over_two_workers_measures_what_users_feel_and_finds_every_promise_kept(
    account: Account, folder: Path
) -> None:
    """Everybody in a group gets everything; the rows are there, and so is the report."""
    with load(account, folder, "--scenario", "group", "--size", "6", "--workers", "2") as process:
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    summary = summary_of(folder)
    rows = {request["kind"]: request for request in summary["requests"]}
    acked, delivered, last = (
        rows[f"send to {what}"]["count"] for what in ("ack", "delivered", "last receiver")
    )
    assert acked > 0
    assert delivered == 5 * acked
    assert last == acked
    assert rows["connect"]["count"] == USERS
    assert summary["verdict"]["broken"] == {}
    assert summary["verdict"]["shown"] == 6 * summary["verdict"]["acked"]
    assert len(list((folder / "run").glob("*.history.jsonl"))) == 4  # the fourth tells what was read back
    assert "<svg" in (folder / "run" / "report.html").read_text()


@pytest.mark.embedded_only("only localcloud fails on purpose")
def test_run_fails_and_names_the_messages_where_pushes_and_listings_are_lost(
    account: Account, folder: Path, faults: Faults
) -> None:
    """What is acked is never pushed, and no listing shows it to be missing: the verdict names it."""
    chats = account.resources["AWS::Lambda::Function", "Chats"]
    rules = (
        fault("execute-api", "PostToConnection", "lose"),
        fault("lambda", "Invoke", "error", resource=chats),
    )
    with load(account, folder, "--scenario", "direct", "--users", "4", "--patience", "2") as process:
        assert process.stdout is not None
        said = next((line for line in process.stdout if line.startswith("sending")), "")
        assert said, "the run ended before anybody sent"
        with faults.on(*rules):
            rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, rest
    verdict = summary_of(folder)["verdict"]
    assert set(verdict["broken"]) == {"lost"}
    lost = verdict["violations"][0]
    assert lost["messages"][0] in rest
    assert lost["devices"][0] in rest
