"""Functions that run from a directory of this machine in place of their package, and anew when it changes."""

from __future__ import annotations

import asyncio
import dataclasses
from itertools import count
from typing import TYPE_CHECKING, Final

import watchfiles

from localcloud.functions.catalog import LiveDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from localcloud.functions.catalog import Function

_QUIET_MS: Final = 20
"""A save is over when nothing has changed for so long; an editor writes a file in several steps."""
_LONGEST_SAVE_MS: Final = 200
"""And at the latest after so long."""


class LiveCode:
    """The directories, watched, and the functions that run from each."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        """Call ``on_change`` with every function whose code is another one now."""
        self._on_change = on_change
        self._revisions = count(1)
        self._live: dict[str, LiveDirectory] = {}
        self._watches: dict[Path, asyncio.Task[None]] = {}
        self._applied: dict[str, tuple[Function, Function]] = {}
        """What was deployed, and what it became, so that an invocation need not make it again."""

    @property
    def directories(self) -> Mapping[str, Path]:
        """The directory of every function that runs from one."""
        return {name: live.path for name, live in self._live.items()}

    async def run(self, name: str, directory: Path) -> None:
        """Run the function's code from ``directory``, which exists, from its next event on."""
        await self.stop(name)
        self._live[name] = LiveDirectory(directory, next(self._revisions))
        if directory not in self._watches:
            self._watches[directory] = asyncio.create_task(self._watch(directory))
            await asyncio.sleep(0)  # it watches from its first step on: no save after this is missed
        self._changed(name)

    async def stop(self, name: str) -> None:
        """Run the function's package again."""
        live = self._live.pop(name, None)
        if live is None:
            return
        if live.path not in self.directories.values():
            await _end(self._watches.pop(live.path))
        self._changed(name)

    def apply(self, function: Function) -> Function:
        """The function as it is to run now; the same object as long as nothing changes."""
        live = self._live.get(function.name)
        if live is None:
            return function
        deployed, applied = self._applied.get(function.name, (None, function))
        if deployed is not function:
            applied = dataclasses.replace(function, live=live)
            self._applied[function.name] = function, applied
        return applied

    async def close(self) -> None:
        """Watch no longer."""
        await asyncio.gather(*map(_end, self._watches.values()))
        self._watches.clear()

    async def _watch(self, directory: Path) -> None:
        async for _changes in watchfiles.awatch(directory, debounce=_LONGEST_SAVE_MS, step=_QUIET_MS):
            for name, live in list(self._live.items()):
                if live.path == directory:
                    self._live[name] = LiveDirectory(directory, next(self._revisions))
                    self._changed(name)

    def _changed(self, name: str) -> None:
        self._applied.pop(name, None)
        self._on_change(name)


async def _end(watch: asyncio.Task[None]) -> None:
    watch.cancel()
    await asyncio.wait([watch])
