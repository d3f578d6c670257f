"""dynoxide as a child process: found, started, awaited, started again where it ends, ended."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import re
import subprocess
import sys
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud import errors, processes
from localcloud.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

logger = logging.getLogger(__name__)

MOST_ENDS: Final = 5
"""So many ends within :data:`ENDS_SECONDS` are one too many: starting dynoxide again does not help."""
ENDS_SECONDS: Final = 60.0

READY_SECONDS = 10.0
"""How long dynoxide may take to open its file; it takes milliseconds."""

_PATIENCE_SECONDS = 1.0
_LISTENING = re.compile(rb"listening on http", re.IGNORECASE)
_NODE_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Dynoxide:
    """A dynoxide that is started again, on the same port, whenever it ends.

    Until it is back, connections are refused. Writes that it had acknowledged are in its file.
    """

    port: int
    """The loopback port on which it answers DynamoDB's API."""
    supervision: asyncio.Task[None]
    """Ends where it cannot be kept running, with the LocalcloudError that says why."""


def find(configured: Path | None) -> Path | None:
    """The binary: the configured one, or what npm put into node_modules here or in a checkout's localstack/.

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
    binaries = (
        parent / "node_modules" / "@dynoxide" / package / "dynoxide"
        for parent in (Path.cwd(), Path(__file__).parents[3])
    )
    return next((binary for binary in binaries if binary.is_file()), None)


@asynccontextmanager
async def running(binary: Path, database: Path) -> AsyncIterator[Dynoxide]:
    """Run dynoxide on a free loopback port; it answers when this yields, and has ended when this ends.

    Raises:
        LocalcloudError: it cannot be run, or cannot open its file.
    """
    port = free_port()
    child = await _started(binary, database, port)
    supervision = asyncio.create_task(_supervise(child, lambda: _started(binary, database, port)))
    try:
        yield Dynoxide(port, supervision)
    finally:
        supervision.cancel()
        await asyncio.gather(supervision, return_exceptions=True)


async def _supervise(
    child: asyncio.subprocess.Process, start: Callable[[], Awaitable[asyncio.subprocess.Process]]
) -> None:
    """Start dynoxide again whenever it ends, while that may help; the last one ends with this."""
    ends: deque[float] = deque(maxlen=MOST_ENDS)
    try:
        while True:
            await _drop(child)
            status = await child.wait()
            ends.append(time.monotonic())
            if len(ends) == MOST_ENDS and ends[-1] - ends[0] < ENDS_SECONDS:
                raise errors.dynoxide_keeps_ending(MOST_ENDS, status)
            logger.warning("dynoxide ended unexpectedly (exit status %d) and is started again.", status)
            child = await start()
    finally:
        await processes.end(child, patience_seconds=_PATIENCE_SECONDS)


async def _started(binary: Path, database: Path, port: int) -> asyncio.subprocess.Process:
    """Start dynoxide and wait until it answers."""
    try:
        child = await asyncio.create_subprocess_exec(
            binary, "serve", "--port", str(port), "--db-path", database,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", "")}, preexec_fn=processes.die_with_parent(),
            start_new_session=True,  # Ctrl-C is localcloud's to handle
        )  # fmt: skip
    except OSError as error:
        raise errors.dynoxide_unusable(binary, error.strerror or str(error)) from error
    try:
        await _listening(child, database)
    except BaseException:
        await processes.end(child, patience_seconds=_PATIENCE_SECONDS)
        raise
    return child


async def _listening(child: asyncio.subprocess.Process, database: Path) -> None:
    """Wait for the line that says it listens."""
    output = _output(child)
    said = b""
    try:
        async with asyncio.timeout(READY_SECONDS):
            while line := await output.readline():
                if _LISTENING.search(line):
                    return
                said = line.strip() or said
    except TimeoutError:
        raise errors.dynoxide_failed(database, f"it was not ready within {READY_SECONDS:.0f} s") from None
    raise errors.dynoxide_failed(database, said.decode(errors="replace") or "it said nothing")


async def _drop(child: asyncio.subprocess.Process) -> None:
    """Read and drop what it prints until it ends: a full pipe would block it."""
    while await _output(child).read(65536):
        pass


def _output(child: asyncio.subprocess.Process) -> asyncio.StreamReader:
    if child.stdout is None:
        raise RuntimeError("dynoxide was started without a pipe to read.")
    return child.stdout
