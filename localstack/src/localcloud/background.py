"""A localcloud as a process of its own: started, awaited, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

from localcloud import errors, processes
from localcloud.control.client import ask_health
from localcloud.data_directory import DataDirectory
from localcloud.errors import LocalcloudError

READY_SECONDS = 60.0
GRACE_SECONDS = 15.0
"""How long it may take to end what runs before it is killed."""

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Background:
    """A localcloud that this process has started."""

    process: subprocess.Popen[bytes]
    endpoint_url: str
    log: Path
    """What it writes to stdout and stderr."""

    def end(self) -> None:
        """End it, and reap it; ended already is no error."""
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(
    port: int, data_directory: Path, log: Path, *, log_level: str = "warning", die_with_us: bool = False
) -> Background:
    """Start one, in a session of its own so that no Ctrl-C reaches it, and wait until it is ready.

    Args:
        port: of 127.0.0.1, to listen on.
        data_directory: where its data are.
        log: the file for what it says; replaced.
        log_level: the least severe of its log lines.
        die_with_us: whether the kernel kills it when this process dies (Linux only).

    Raises:
        LocalcloudError: it cannot start; the text is its own last word, or where to read it.
    """
    if holder := DataDirectory(data_directory).holder():
        raise errors.data_directory_in_use(data_directory, holder.process_id)  # before its log is replaced
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        opened = log.open("wb")
    except OSError as error:
        raise errors.data_directory_unusable(log.parent, error.strerror or str(error)) from error
    with opened:
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "localcloud", "start", "--port", str(port)),
                *("--data-directory", str(data_directory), "--log-level", log_level),
            ],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=opened,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.die_with_parent() if die_with_us else None,  # noqa: PLW1509 - made for it
        )
    started = Background(process, f"http://127.0.0.1:{port}", log)
    try:
        _wait_until_ready(started)
    except BaseException:
        started.end()
        raise
    return started


def _environment() -> dict[str, str]:
    """Ours, with this package on Python's path where it was not installed."""
    sources = str(Path(__file__).parents[1])
    if sources == sysconfig.get_path("purelib"):
        return {**os.environ}
    given = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{given}{os.pathsep}{sources}" if given else sources}


def end(data: DataDirectory, process_id: int) -> None:
    """End the localcloud that holds a data directory, whoever started it; returns when it has.

    It is asked first, and killed where it has not ended within 15 s.

    Raises:
        LocalcloudError: it is another user's.
    """
    deadline = time.monotonic() + GRACE_SECONDS
    try:
        os.kill(process_id, signal.SIGTERM)
        while data.is_held():
            if time.monotonic() > deadline:
                os.kill(process_id, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)
    except ProcessLookupError:
        return  # it has ended meanwhile: that is what was wanted
    except PermissionError as error:
        raise errors.not_ours(process_id) from error


def _wait_until_ready(started: Background) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(started):
        if (status := started.process.poll()) is not None:
            said = started.log.read_text(errors="replace").strip().splitlines()
            raise LocalcloudError(
                said[-1] if said else f"localcloud ended with status {status} without a word."
            )
        if time.monotonic() > deadline:
            raise errors.not_ready(READY_SECONDS, started.log)
        time.sleep(_POLL_SECONDS)


def _is_ready(started: Background) -> bool:
    """Whether it answers, and not another one on its port."""
    try:
        return ask_health(started.endpoint_url).process_id == started.process.pid
    except LocalcloudError:
        return False
