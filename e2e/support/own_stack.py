"""The stack on an embedded AWS that no other test uses: its processes may be killed, its code be changed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from e2e.support.bring_up import brought_up, free_port
from e2e.support.localcloud import process_ids
from harness import embedded, paths
from harness.local_files import LocalFiles
from harness.state import Running, read_running, write_running
from harness.targets import DEFAULT_STACK, target_named

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.support.account import Account


@dataclass(frozen=True, slots=True)
class OwnStack:
    """A localcloud with the stack deployed."""

    account: Account
    files: LocalFiles
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """What was started again, to be reaped."""

    def kill(self) -> None:
        """End localcloud as a power cut does."""
        running = read_running(self.files.state)
        assert running is not None
        assert running.process_id is not None
        os.kill(running.process_id, signal.SIGKILL)

    async def start(self) -> None:
        """Start localcloud again on its data."""
        target = self.account.target
        process = embedded.start(target.port, self.files)
        write_running(self.files.state, Running(target.name, target.port, process.pid))
        self.started.append(process)
        await asyncio.to_thread(embedded.wait_until_ready, process, target, self.files)

    def kill_children(self, word: str) -> int:
        """Kill those of localcloud's processes that have a word in their arguments or environment.

        Returns:
            How many there were.
        """
        children = process_ids(self.files.folder, word)
        for child in children:
            os.kill(child, signal.SIGKILL)
        return len(children)


@contextmanager
def own_stack(folder: Path) -> Iterator[OwnStack]:
    """Bring the stack up in a folder; nothing runs when this ends, whoever was started meanwhile."""
    with brought_up(target_named("embedded", port=free_port()), DEFAULT_STACK, folder) as account:
        own = OwnStack(account, LocalFiles(folder))
        try:
            yield own
        finally:
            for process in own.started:
                embedded.stop(process)


def copy_handlers(folder: Path) -> Path:
    """Copy the checkout's handlers, for a test to change."""
    copy = folder / "handlers"
    shutil.copytree(paths.HANDLERS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy
