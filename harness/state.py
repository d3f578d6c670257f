"""The note of what `up` started, by which `down` finds it and a second `up` learns of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from harness import processes
from harness.archive import write_changed

if TYPE_CHECKING:
    from pathlib import Path


class Running(msgspec.Struct, frozen=True):
    """A local target that was started."""

    target: str
    port: int
    process_id: int | None = None
    """The embedded AWS's process; None where Docker runs the target."""


def read_running(path: Path) -> Running | None:
    """Give what runs; a note that outlived its process, or that cannot be read, is removed."""
    try:
        running = msgspec.json.decode(path.read_bytes(), type=Running)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        path.unlink()
        return None
    if running.process_id is not None and not processes.is_running(running.process_id, "localcloud"):
        path.unlink()
        return None
    return running


def write_running(path: Path, running: Running) -> None:
    """Note what runs."""
    write_changed(path, msgspec.json.encode(running))
