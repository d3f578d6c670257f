"""A process that outlives this one for a moment: it ends what a kill -9 of localcloud left behind.

The kernel ends an environment's own process with localcloud (see ``localcloud.processes``), but neither what
the function has started in it, which being frozen would stay for ever, nor, elsewhere than on Linux, that
process. The guardian is this module, run as a script that imports nothing of localcloud. It is told of
process groups by a pipe, which the kernel closes when localcloud is gone, however it went.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAST_KILLS_SECONDS = 5


class Guardian:
    """The guardian's process, from the first process group on."""

    def __init__(self) -> None:
        """Guard nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None

    def guard(self, group: int) -> None:
        """End the process group ``group`` once this process is dead."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,  # so that no Ctrl-C ends it first
            )
        self._tell(f"guard {group}\n")

    def release(self, group: int) -> None:
        """The process group has ended: its number may become another's."""
        self._tell(f"release {group}\n")

    def close(self) -> None:
        """End the guardian; what is still guarded ends with it."""
        if self._process is not None:
            process, self._process = self._process, None
            process.communicate(timeout=_LAST_KILLS_SECONDS)

    def _tell(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            # Whoever killed the guardian has only what the kernel does by itself.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode())


def wait_and_kill(lines: Iterable[str]) -> None:
    """Follow what is said until there is nobody to say it; then kill the groups that are still guarded."""
    guarded: set[int] = set()
    for line in lines:
        verb, group = line.split()
        if verb == "guard":
            guarded.add(int(group))
        else:
            guarded.discard(int(group))
    for number in guarded:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(number, signal.SIGKILL)


if __name__ == "__main__":
    wait_and_kill(sys.stdin)
