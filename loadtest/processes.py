"""Starts the processes of a run, and ends them: Locust's, which this one is not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harness import processes

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD: Final = "PARLEY_LOAD_PASSWORD"  # noqa: S105 - the variable's name
"""The environment variable with the password of all users of a run."""
_ENDING_SECONDS: Final = 30
_WATCH_SECONDS: Final = 0.5


@dataclass
class Processes:
    """The children of one run; each in a session of its own, so that a terminal's Ctrl-C reaches none."""

    folder: Path
    password: str = field(repr=False)
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, role: str, *arguments: str) -> None:
        """Start one."""
        command = [sys.executable, "-m", "loadtest.process", role, "--folder", str(self.folder), *arguments]
        self._children.append(
            subprocess.Popen(  # noqa: S603 - every argument is our own
                command,
                env={**os.environ, PASSWORD: self.password, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=processes.end_with_parent(),  # noqa: PLW1509 - made for threads
            )
        )

    def conduct(self) -> int:
        """Wait until the first of them, which conducts the run, has ended it; return its exit status.

        Ctrl-C has it end the sending and wait for stragglers; a second one ends all at once.
        """
        conductor = self._children[0]
        try:
            try:
                return self._wait(conductor)
            except KeyboardInterrupt:
                conductor.send_signal(signal.SIGTERM)
                return conductor.wait()
        finally:
            self.end()

    def _wait(self, conductor: subprocess.Popen[bytes]) -> int:
        """Wait for the conductor; have it end the run where a worker has failed meanwhile."""
        told = False
        while True:
            with suppress(subprocess.TimeoutExpired):
                return conductor.wait(_WATCH_SECONDS)
            if not told and any(child.poll() for child in self._children[1:]):
                conductor.send_signal(signal.SIGTERM)
                told = True

    def end(self) -> None:
        """End those that have not ended by themselves."""
        for child in self._children[1:]:
            try:
                child.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                child.terminate()
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.wait()


def free_port() -> int:
    """Give a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
