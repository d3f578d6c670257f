"""Functions that run from a directory of this machine in place of their package, and anew when it changes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import watchfiles

from localcloud.functions.aliases import LATEST
from localcloud.functions.catalog import LiveDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.functions.catalog import Function

_QUIET_MS: Final = 20
"""A save is over when nothing has changed for so long; an editor writes a file in several steps."""
_LONGEST_SAVE_MS: Final = 200
"""And at the latest after so long."""


class _Code(watchfiles.DefaultFilter):
    """Passes changes of code: nothing that tools write, and nothing below a hidden directory."""

    def __init__(self, directory: Path, work_directory: Path) -> None:
        super().__init__(ignore_paths=[work_directory])
        self._depth = len(directory.parts)

    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        hidden = any(part.startswith(".") for part in Path(path).parts[self._depth :])
        return not hidden and super().__call__(change, path)


@dataclass(slots=True)
class _Watched:
    """A directory and the task that notices its changes."""

    live: LiveDirectory
    watch: asyncio.Task[None]


class LiveCode:
    """The directories, watched, and the functions that run from each."""

    def __init__(self, on_change: Callable[[str], None], work_directory: Path) -> None:
        """Call ``on_change`` with every function whose code is another one now.

        Args:
            on_change: takes a function's name.
            work_directory: what running functions write into; no change of code, wherever it lies.
        """
        self._on_change = on_change
        self._work_directory = work_directory.resolve()
        self._revisions = count(1)
        self._set: dict[str, Path] = {}
        """By :meth:`run`."""
        self._applied: dict[str, tuple[Function, Function]] = {}
        """What was deployed, and what it became, so that an invocation need not make it again."""
        self._watched: dict[Path, _Watched] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def directories(self) -> Mapping[str, Path]:
        """The directory of every function that runs from one."""
        applied = {name: one.live.path for name, (_, one) in self._applied.items() if one.live is not None}
        return applied | self._set

    async def run(self, name: str, directory: Path) -> None:
        """Run the function's code from ``directory``, which exists, from its next event on."""
        self._set[name] = directory
        self._watching(directory)
        self._changed(name)
        await asyncio.sleep(0)  # it is watched from the task's first step on: no save after this is missed

    def stop(self, name: str) -> None:
        """Run what was deployed again."""
        if self._set.pop(name, None) is not None:
            self._changed(name)

    def apply(self, function: Function) -> Function:
        """The function as it is to run now; the same object as long as nothing changes."""
        name = function.name
        directory = self._set.get(name, function.directory)
        if (directory is None and name not in self._applied) or function.version != LATEST:
            return function
        deployed, applied = self._applied.get(name, (None, function))
        if deployed is not function:
            applied = self._apply(function, directory)
        return applied

    async def close(self) -> None:
        """Watch no longer."""
        self._set.clear()
        self._applied.clear()
        self._end_unused()
        if self._ending:
            await asyncio.wait(self._ending)

    def _apply(self, function: Function, directory: Path | None) -> Function:
        if directory is None:
            del self._applied[function.name]
            applied = function
        else:
            applied = dataclasses.replace(function, live=self._watching(directory).live)
            self._applied[function.name] = function, applied
        self._end_unused()
        return applied

    def _watching(self, directory: Path) -> _Watched:
        watched = self._watched.get(directory)
        if watched is None or watched.watch.done():
            live = LiveDirectory(directory, next(self._revisions))
            watched = self._watched[directory] = _Watched(live, asyncio.create_task(self._watch(directory)))
        return watched

    def _end_unused(self) -> None:
        used = set(self.directories.values())
        for directory in self._watched.keys() - used:
            watch = self._watched.pop(directory).watch
            watch.cancel()
            self._ending.add(watch)
            watch.add_done_callback(self._ending.discard)

    async def _watch(self, directory: Path) -> None:
        # A directory that is not there ends the watch: the function says so when it is invoked.
        with contextlib.suppress(FileNotFoundError):
            async for _changes in watchfiles.awatch(
                directory,
                watch_filter=_Code(directory, self._work_directory),
                debounce=_LONGEST_SAVE_MS,
                step=_QUIET_MS,
            ):
                self._watched[directory].live = LiveDirectory(directory, next(self._revisions))
                for name in [name for name, path in self.directories.items() if path == directory]:
                    self._changed(name)

    def _changed(self, name: str) -> None:
        deployed, applied = self._applied.get(name, (None, None))
        if deployed is not None and applied is not None:
            # Known, but to be made anew: without this, nobody would remember that it ran from a directory.
            self._applied[name] = applied, applied
        self._on_change(name)
