"""dynoxide as a child process: found, started, awaited, watched, ended."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import errors, processes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

READY_SECONDS = 10.0
"""How long dynoxide may take to open its file; it takes milliseconds."""

_PATIENCE_SECONDS = 1.0
_LISTENING = re.compile(rb"listening on http", re.IGNORECASE)
_NODE_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Dynoxide:
    """A running dynoxide."""

    port: int
    """The loopback port on which it answers DynamoDB's API."""
    process: asyncio.subprocess.Process


def find(configured: Path | None) -> Path | None:
    """The binary: the configured one, or the one that `npm ci` put into localstack/node_modules.

    Returns:
        None when none is configured and npm has none for this platform.

    Raises:
        LocalcloudError: the configured one is not there.
    """
    if configured is not None:
        if not configured.is_file():
            raise errors.dynoxide_missing(configured)
        return configured
    machine = platform.machine().lower()
    package = f"{sys.platform}-{_NODE_ARCHITECTURES.get(machine, machine)}"
    binary = Path(__file__).parents[3] / "node_modules" / "@dynoxide" / package / "dynoxide"
    return binary if binary.is_file() else None


@asynccontextmanager
async def running(binary: Path, database: Path) -> AsyncIterator[Dynoxide]:
    """Run dynoxide on a free loopback port; it answers when this yields, and has ended when this ends.

    Raises:
        LocalcloudError: it cannot be run, or cannot open its file.
    """
    port = _free_port()
    try:
        process = await asyncio.create_subprocess_exec(
            binary, "serve", "--port", str(port), "--db-path", database,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", "")}, preexec_fn=processes.die_with_parent(),
            start_new_session=True,  # Ctrl-C is localcloud's to handle
        )  # fmt: skip
    except OSError as error:
        raise errors.dynoxide_unusable(binary, error.strerror or str(error)) from error
    try:
        reading = await _listening(process, database)
        try:
            yield Dynoxide(port, process)
        finally:
            reading.cancel()
    finally:
        await processes.end(process, patience_seconds=_PATIENCE_SECONDS)


async def _listening(process: asyncio.subprocess.Process, database: Path) -> asyncio.Task[None]:
    """Wait for the line that says it listens; what it prints later is read and dropped, or it would block."""
    if process.stdout is None:
        raise RuntimeError("dynoxide was started without a pipe to read.")
    output = process.stdout
    said = b""
    try:
        async with asyncio.timeout(READY_SECONDS):
            while line := await output.readline():
                if _LISTENING.search(line):
                    return asyncio.create_task(_drop(output))
                said = line.strip() or said
    except TimeoutError:
        raise errors.dynoxide_failed(database, f"it was not ready within {READY_SECONDS:.0f} s") from None
    raise errors.dynoxide_failed(database, said.decode(errors="replace") or "it said nothing")


async def _drop(output: asyncio.StreamReader) -> None:
    while await output.read(65536):
        pass


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
