"""A data directory knows who holds it, and forgets its own data and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from localcloud.data_directory import DataDirectory, Holder
from localcloud.errors import LocalcloudError

if TYPE_CHECKING:
    from pathlib import Path


def test_data_directory_names_its_holder_while_it_is_held(tmp_path: Path) -> None:
    """And nobody afterwards, although the lock's file stays."""
    data = DataDirectory(tmp_path / "data")
    assert not data.is_used()
    assert data.holder() is None
    with data.locked(4600):
        assert data.holder() == Holder(os.getpid(), 4600)
    assert data.is_used()
    assert data.holder() is None


def test_data_directory_that_is_held_is_refused_by_its_holders_name(tmp_path: Path) -> None:
    """Whoever comes second learns which process to stop."""
    data = DataDirectory(tmp_path)
    with (
        data.locked(4600),
        pytest.raises(LocalcloudError, match=f"in use by the localcloud with process id {os.getpid()}:"),
        data.locked(4601),
    ):
        pytest.fail("It was held twice.")


def test_data_directory_forgets_its_own_data_only(tmp_path: Path) -> None:
    """What else lies there stays, and with it the directory."""
    data = DataDirectory(tmp_path / "data")
    with data.locked(4600):
        pass
    for file in (data.control_plane, data.tables, data.path / f"{data.tables.name}-wal", data.log):
        file.write_bytes(b"x")
    for directory in (data.keys, data.objects, data.functions):
        (directory / "inner").mkdir(parents=True)
    foreign = data.path / "mine.txt"
    foreign.write_text("mine")
    data.forget()
    assert list(data.path.iterdir()) == [foreign]
    foreign.unlink()
    data.forget()
    assert not data.path.exists()
