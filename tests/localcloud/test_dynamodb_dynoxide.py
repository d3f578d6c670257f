"""dynoxide as a child process: what it is told when it cannot start, and that it is back when it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.dynamodb import dynoxide
from localcloud.dynamodb.client import Client
from localcloud.errors import LocalcloudError

if TYPE_CHECKING:
    from collections.abc import Callable

BINARY = dynoxide.find(None)
pytestmark = pytest.mark.skipif(BINARY is None, reason="no dynoxide: run `npm ci` in localstack/")

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"pk": {"S": "kept"}}
DEADLINE_SECONDS = 30.0


def process_on(file: Path) -> int:
    """The id of the process that has a file in its command line."""
    needle = os.fsencode(file)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if needle in (process / "cmdline").read_bytes():
                return int(process.name)
        except OSError:
            continue  # it ended meanwhile, or is another user's
    raise LookupError(f"No process has {file} in its command line.")


async def answer(client: Client, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """What dynoxide answers as soon as it does."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            try:
                return await client.call(operation, request)
            except ConnectionError:
                await asyncio.sleep(0.01)


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Make a program in place of dynoxide."""

    def make(script: str) -> Path:
        file = tmp_path / "dynoxide"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    return make


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the process by /proc")
async def test_dynoxide_killed_is_back_on_its_port_with_all_that_it_acknowledged(tmp_path: Path) -> None:
    """Whoever asks again gets an answer, from another process."""
    file = tmp_path / "tables.sqlite"
    assert BINARY is not None
    async with dynoxide.running(BINARY, file) as running:
        client = Client(running.port)
        await client.call("CreateTable", TABLE)
        await client.call("PutItem", {"TableName": "things", "Item": ITEM})
        first = process_on(file)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(ConnectionError):
            await client.call("GetItem", {"TableName": "things", "Key": ITEM})
        found = await answer(client, "GetItem", {"TableName": "things", "Key": ITEM})
        assert found["Item"] == ITEM
        assert process_on(file) != first
        client.close()
    with pytest.raises(LookupError):
        process_on(file)


async def test_dynoxide_that_keeps_ending_is_given_up(tmp_path: Path, program: Callable[[str], Path]) -> None:
    """It is not started for ever: who waits for it learns what to do."""
    async with dynoxide.running(program("echo listening on http"), tmp_path / "tables.sqlite") as running:
        with pytest.raises(LocalcloudError, match=r"ended 5 times in a minute, at last with exit status 0"):
            await asyncio.wait_for(running.supervision, DEADLINE_SECONDS)


async def test_dynoxide_corrupt_file_says_what_to_do(tmp_path: Path) -> None:
    """A file of something else is named, with the way out."""
    file = tmp_path / "tables.sqlite"
    file.write_bytes(b"this is not a database" * 1000)
    assert BINARY is not None
    with pytest.raises(LocalcloudError, match=r"cannot open the tables .* delete the data directory"):
        async with dynoxide.running(BINARY, file):
            pass


def test_dynoxide_configured_and_missing_says_what_to_do(tmp_path: Path) -> None:
    """A wrong DYNOXIDE is named."""
    with pytest.raises(LocalcloudError, match=r"There is no dynoxide at .* correct DYNOXIDE"):
        dynoxide.find(tmp_path / "nothing")


async def test_dynoxide_not_a_program_says_what_to_do(tmp_path: Path) -> None:
    """A file that cannot be run is named."""
    file = tmp_path / "dynoxide"
    file.write_text("not a program")
    with pytest.raises(LocalcloudError, match=r"cannot be run .*npm ci"):
        async with dynoxide.running(file, tmp_path / "tables.sqlite"):
            pass


def test_dynoxide_of_the_current_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another project, where localcloud is installed, gets it by `npm install`."""
    assert BINARY is not None
    own = tmp_path / "node_modules" / BINARY.relative_to(BINARY.parents[2])
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.chdir(tmp_path)
    assert dynoxide.find(None) == own
