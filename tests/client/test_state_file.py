"""A client's snapshot on disk: saved in one step, held by one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parley_client import Snapshot
from parley_client.outbox import OutboxEntry
from parley_client.state_file import StateFile, StateFileUnusable

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT = Snapshot(cursors={"c": 3}, outbox=(OutboxEntry(chat_id="c", id="m", text="hi", after=2),))


def test_snapshot_saved_is_loaded_by_the_next_process(tmp_path: Path) -> None:
    """What one holder saves, the next loads; before that there is an empty one."""
    path = tmp_path / "new" / "chat.json"
    with StateFile(path) as state:
        assert state.load() == Snapshot()
        state.save(SNAPSHOT)
    with StateFile(path) as state:
        assert state.load() == SNAPSHOT
    assert path.stat().st_mode & 0o077 == 0, "messages are for their owner's eyes"


def test_second_holder_is_refused(tmp_path: Path) -> None:
    """Two processes on one outbox would send it twice: the second is told."""
    path = tmp_path / "chat.json"
    with StateFile(path), pytest.raises(StateFileUnusable, match="Another terminal"), StateFile(path):
        pytest.fail("held twice")
    with StateFile(path) as state:
        assert state.load() == Snapshot()


def test_damaged_snapshot_is_named(tmp_path: Path) -> None:
    """A file that is no snapshot is not silently replaced."""
    path = tmp_path / "chat.json"
    path.write_text('{"cursors": 3}')
    with StateFile(path) as state, pytest.raises(StateFileUnusable, match="delete it"):
        state.load()
