"""Processes that a command starts or an earlier one left running: whether they still do, and their end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.05


def end_with_parent() -> Callable[[], None] | None:
    """What a child runs before its program, so that it is asked to end when this process dies.

    Linux only, where the death of the thread that starts the child counts: start it from the main thread.
    None elsewhere: a child is ended by an orderly stop alone.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Loaded before the fork: the child of a threaded process must not import or allocate much.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the call took hold
            os._exit(1)

    return ask_kernel


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
