"""Child processes that never outlive localcloud, however it ends."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], None] | None:
    """What a child runs between fork and exec so that the kernel kills it when this process dies.

    Linux only (prctl's PR_SET_PDEATHSIG, which counts the death of the forking *thread*: start children from
    the main thread); None elsewhere, where only an orderly stop ends the children.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Loaded before the fork: a forked child of a threaded process must not import or allocate much.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the call took hold
            os._exit(1)

    return ask_kernel


async def end(process: asyncio.subprocess.Process, *, patience_seconds: float) -> None:
    """Ask a process to end, kill it when it has not after ``patience_seconds``, and reap it."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(patience_seconds):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
