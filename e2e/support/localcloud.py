"""A localcloud of a test's own, on a data directory of its own, which the test may break and kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness import paths
from harness.targets import Target, target_named

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCES = (paths.ROOT, paths.ROOT / "localstack" / "src")


def start(port: int, data_directory: Path, **variables: str) -> subprocess.Popen[str]:
    """Start `python -m localcloud start` in its own session, as a terminal would."""
    environment = {
        **os.environ,
        **variables,
        "PYTHONPATH": os.pathsep.join(str(source) for source in _SOURCES),
    }
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "localcloud", "start"),
            *("--port", str(port), "--data-directory", str(data_directory)),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@contextmanager
def running(port: int, data_directory: Path) -> Iterator[tuple[subprocess.Popen[str], Target]]:
    """Run a localcloud for as long as the block lasts; give its process and how to reach it."""
    with start(port, data_directory) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready, f"localcloud did not start: {process.stderr.read() if process.stderr else ''}"
            yield process, target_named("embedded", port=port)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)


def children(process: subprocess.Popen[str]) -> list[int]:
    """Give the ids of a process's children."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def process_ids(*words: str | Path) -> list[int]:
    """Give the ids of all processes that have all these words in their arguments and environment."""
    needles = [os.fsencode(word) for word in words]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is another user's
        if all(needle in told for needle in needles):
            found.append(int(process.name))
    return found


def processes_on(directory: Path) -> list[str]:
    """Give the command lines of all processes that have a directory in their arguments or environment."""
    found = []
    for process_id in process_ids(directory):
        with suppress(OSError):  # it ended meanwhile
            arguments = Path(f"/proc/{process_id}/cmdline").read_bytes()
            found.append(os.fsdecode(arguments.replace(b"\0", b" ")))
    return found
