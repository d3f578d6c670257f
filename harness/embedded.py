"""Starts the embedded AWS as a process of its own and waits until it answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import httpx
from botocore.exceptions import BotoCoreError

from harness import paths, processes
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.local_files import LocalFiles
    from harness.targets import Target

HOST = "127.0.0.1"
HEALTH_PATH = "/_localcloud/health"

_READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
_MARK = "localcloud"


def start(port: int, files: LocalFiles, *, detached: bool = False) -> subprocess.Popen[bytes]:
    """Start localcloud in the background, in a session of its own so that Ctrl-C here does not reach it.

    Args:
        port: the port of 127.0.0.1 that it listens on.
        files: where its data and its log are.
        detached: whether it outlives this process; where not, it ends with it, even by a kill -9 (on Linux).

    Raises:
        HarnessError: the port is taken.
    """
    refuse_taken(port)
    files.data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "localcloud", "start", "--port", str(port)]
    with files.log.open("wb") as log:
        return subprocess.Popen(
            [*command, "--data-directory", str(files.data)],
            env={**os.environ, "PYTHONPATH": str(paths.LOCALSTACK / "src"), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=paths.ROOT,
            start_new_session=True,
            preexec_fn=None if detached else processes.end_with_parent(),  # noqa: PLW1509 - made for threads
        )


def wait_until_ready(process: subprocess.Popen[bytes], target: Target, files: LocalFiles) -> None:
    """Wait until it answers; HarnessError when it ends or says nothing for a minute."""
    deadline = time.monotonic() + _READY_SECONDS
    # One client for all looks: making one reads every certificate authority of this world.
    with httpx.Client(base_url=str(target.endpoint_url), timeout=2, trust_env=False) as http:
        while not _answers(http):
            _refuse_ended(process, files)
            if time.monotonic() > deadline:
                log = paths.within_root(files.log)
                raise HarnessError(
                    f"The embedded AWS does not answer after {_READY_SECONDS:.0f} s: see {log}."
                )
            time.sleep(_POLL_SECONDS)


@contextmanager
def blaming_its_end(process: subprocess.Popen[bytes], files: LocalFiles) -> Iterator[None]:
    """Raise HarnessError in place of a call that failed because the process has ended."""
    try:
        yield
    except (BotoCoreError, httpx.TransportError):
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        _refuse_ended(process, files)
        raise


def _refuse_ended(process: subprocess.Popen[bytes], files: LocalFiles) -> None:
    """Raise HarnessError, with the process's own last words, where it has ended."""
    if (status := process.poll()) is None:
        return
    said = files.log.read_text(errors="replace").strip().splitlines()
    last = said[-1] if said else "nothing"
    log = paths.within_root(files.log)
    raise HarnessError(f"The embedded AWS ended with status {status}; the last line of {log}: {last}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that this one started, and reap it."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_detached(process_id: int) -> None:
    """End a process that an earlier command started."""
    processes.end(process_id, _MARK)


def refuse_taken(port: int) -> None:
    """Raise HarnessError where something listens on the port already."""
    with socket.socket() as probe:
        # As servers do, so that connections of a server that has just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refused:
            raise HarnessError(
                f"Port {port} is taken: stop what listens on it, or choose another with --port."
            ) from refused


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get(HEALTH_PATH).is_success
    except httpx.TransportError:
        return False
