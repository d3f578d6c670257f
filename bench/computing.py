"""How much CPU time the processes of an emulator take: itself, its functions' environments, its database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EMULATOR: Final = "emulator"
ENVIRONMENTS: Final = "environments"
DATABASE: Final = "dynoxide"
_PROCESSES: Final = Path("/proc")


def computed(emulator: int) -> dict[str, float]:
    """Milliseconds that the process with this id and all below it computed, by kind; Linux alone tells."""
    if not _PROCESSES.is_dir():
        return {}
    taken = dict.fromkeys((EMULATOR, ENVIRONMENTS, DATABASE), 0.0)
    below: dict[int, list[tuple[int, float]]] = {}
    for process, parent, milliseconds in _processes():
        below.setdefault(parent, []).append((process, milliseconds))
        if process == emulator:
            taken[EMULATOR] = milliseconds
    waiting = below.get(emulator, [])
    while waiting:
        process, milliseconds = waiting.pop()
        taken[_kind(process)] += milliseconds
        waiting += below.get(process, [])
    return taken


def for_each(before: Mapping[str, float], after: Mapping[str, float], messages: int) -> dict[str, float]:
    """What of it fell on one message, for the kinds that computed at all."""
    grown = {kind: after[kind] - before[kind] for kind in after}
    return {kind: milliseconds / messages for kind, milliseconds in grown.items() if milliseconds > 0}


def _processes() -> Iterator[tuple[int, int, float]]:
    """Each process, its parent and the milliseconds that it has computed."""
    tick = 1_000 / os.sysconf("SC_CLK_TCK")
    for folder in _PROCESSES.glob("[0-9]*"):
        try:
            # The name in parentheses may hold anything; what follows it has a fixed order.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        yield int(folder.name), int(fields[1]), (int(fields[11]) + int(fields[12])) * tick


def _kind(process: int) -> str:
    try:
        command = (_PROCESSES / str(process) / "cmdline").read_bytes()
    except OSError:
        return ENVIRONMENTS
    return DATABASE if b"dynoxide" in command.partition(b"\0")[0] else ENVIRONMENTS
