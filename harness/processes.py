"""Processes that an earlier command left running: whether they still do, and their end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

_GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.05


def is_running(process_id: int, mark: str) -> bool:
    """Whether the process lives and its command line has the mark, since ids are used again."""
    return mark in _command_line(process_id)


def end(process_id: int, mark: str) -> bool:
    """Ask the process to end, and kill its group where it has not within 15 s.

    Args:
        process_id: of the process, which leads a group of its own.
        mark: what its command line has.

    Returns:
        Whether it ended by itself.
    """
    _signal(process_id, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_SECONDS
    while is_running(process_id, mark):
        if time.monotonic() > deadline:
            os.killpg(process_id, signal.SIGKILL)
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _signal(process_id: int, number: signal.Signals) -> None:
    try:
        os.kill(process_id, number)
    except ProcessLookupError:
        return  # it ended in between: that is what was wanted


def _command_line(process_id: int) -> str:
    """The process's command line; empty where it does not live or is a zombie."""
    entry = Path("/proc") / str(process_id) / "cmdline"
    if Path("/proc/self").exists():
        try:
            return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    asked = ["ps", "-o", "command=", "-p", str(process_id)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
