"""The real server process: ready, serving, ended, killed, and refusing to start with one clear sentence."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from localcloud.dynamodb import dynoxide

if TYPE_CHECKING:
    from collections.abc import Iterator

Client = Any
"""A boto3 client of whichever service."""

SOURCE = Path(__file__).parents[2] / "localstack" / "src"
READY_SECONDS = 20.0
END_SECONDS = 5.0
has_dynoxide = pytest.mark.skipif(
    dynoxide.find(None) is None, reason="no dynoxide: run `npm ci` in localstack/"
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(port: int, data_directory: Path, **environment: str) -> subprocess.Popen[str]:
    """Start localcloud as its users do."""
    arguments = ["start", "--port", str(port), "--data-directory", str(data_directory)]
    return subprocess.Popen(
        [sys.executable, "-m", "localcloud", *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(port: int, data_directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A ready localcloud, ended however the test leaves it."""
    process = start(port, data_directory)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"localcloud is ready on http://127.0.0.1:{port}\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def refusal(port: int, data_directory: Path, **environment: str) -> str:
    """What a start that must fail says, on one line of stderr, with a failing exit status."""
    process = start(port, data_directory, **environment)
    output, said = process.communicate(timeout=READY_SECONDS)
    assert output == ""
    assert process.returncode == 1
    assert said.count("\n") == 1, said
    return said


def client(service: str, port: int) -> Client:
    """A boto3 client of the account's root."""
    return boto3.session.Session().client(
        service,  # type: ignore[call-overload]  # any service
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the public root credentials
    )


def children(process: subprocess.Popen[str]) -> list[int]:
    """The ids of a process's children."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def wait_until_gone(process_id: int) -> None:
    """Wait until a process that is not ours to reap has ended."""
    deadline = time.monotonic() + END_SECONDS
    while Path(f"/proc/{process_id}").exists():
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        if state == "Z":
            return
        assert time.monotonic() < deadline, f"process {process_id} is an orphan"
        time.sleep(0.01)


def make_table(dynamodb: Client) -> None:
    """The table ``kept`` with one item."""
    dynamodb.create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="kept", Item={"pk": {"S": "a"}})


def wait_until_saved(data_directory: Path) -> None:
    """Wait until the control plane's file names the table; saving follows a change within a moment."""
    import sqlite3  # noqa: PLC0415 - this helper alone

    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        with sqlite3.connect(data_directory / "control-plane.sqlite") as database:
            rows = database.execute("SELECT state FROM services WHERE name = 'dynamodb'").fetchall()
        database.close()
        if rows and '"kept"' in rows[0][0]:
            return
        time.sleep(0.01)
    raise AssertionError("The control plane's state was not saved.")


@has_dynoxide
def test_server_killed_and_started_again_has_everything(tmp_path: Path) -> None:
    """Kill -9 leaves no child behind, and loses neither the table nor its item."""
    port = free_port()
    with running(port, tmp_path) as process:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_localcloud/health") as answer:
            health = json.load(answer)
        make_table(client("dynamodb", port))
        wait_until_saved(tmp_path)
        (child,) = children(process)
        process.kill()
        process.wait()
        wait_until_gone(child)
    with running(port, tmp_path) as process:
        dynamodb = client("dynamodb", port)
        assert dynamodb.list_tables()["TableNames"] == ["kept"]
        assert dynamodb.get_item(TableName="kept", Key={"pk": {"S": "a"}})["Item"] == {"pk": {"S": "a"}}
        # A second start, on the same directory and on the same port, while this one runs.
        assert f"in use by the localcloud with process id {process.pid}" in refusal(free_port(), tmp_path)
        assert f"Port {port} on 127.0.0.1 is taken" in refusal(port, tmp_path / "other")
        (child,) = children(process)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=END_SECONDS) == 0
        assert time.monotonic() - asked < 3
        wait_until_gone(child)
    assert (health["status"], health["dynamodb"]) == ("ready", "dynoxide")


@has_dynoxide
def test_server_whose_dynoxide_dies_ends_with_one_sentence(tmp_path: Path) -> None:
    """Localcloud does not go on without its tables."""
    with running(free_port(), tmp_path) as process:
        (child,) = children(process)
        os.kill(child, signal.SIGKILL)
        _output, said = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 1
    assert said.startswith("dynoxide, which holds the DynamoDB tables, ended unexpectedly (exit status -9)")
    assert said.count("\n") == 1


def test_server_with_corrupt_data_says_what_to_do(tmp_path: Path) -> None:
    """A control plane's file of something else stops the start."""
    (tmp_path / "control-plane.sqlite").write_bytes(b"this is not a database" * 1000)
    assert f"delete the data directory {tmp_path} to start empty" in refusal(free_port(), tmp_path)


def test_server_with_wrong_dynoxide_says_what_to_do(tmp_path: Path) -> None:
    """DYNOXIDE names a file that is not there."""
    said = refusal(free_port(), tmp_path, DYNOXIDE=str(tmp_path / "nothing"))
    assert f"There is no dynoxide at {tmp_path / 'nothing'}" in said


def test_server_help_shows_examples() -> None:
    """--help is enough to begin."""
    done = subprocess.run(
        [sys.executable, "-m", "localcloud", "--help"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "examples:" in done.stdout
    assert "python -m localcloud start --port" in done.stdout
