"""Live code: what `up` notices being saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.live_code import Saves

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def handlers(tmp_path: Path) -> Path:
    """A directory with a handler and the package that handlers share."""
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "domain.py").write_text("SIZE = 1\n")
    (tmp_path / "connect.py").write_text("handler = None\n")
    return tmp_path


def test_saves_nothing_saved_gives_none(handlers: Path) -> None:
    """What was there before is no news."""
    assert Saves(handlers).new() == []


def test_saves_each_save_is_told_once(handlers: Path) -> None:
    """Changed, made and removed files, also in folders."""
    saves = Saves(handlers)
    (handlers / "chat" / "domain.py").write_text("SIZE = 22\n")
    (handlers / "sync.py").write_text("handler = None\n")
    (handlers / "connect.py").unlink()
    assert saves.new() == ["chat/domain.py", "connect.py", "sync.py"]
    assert saves.new() == []


def test_saves_bytecode_and_hidden_files_do_not_count(handlers: Path) -> None:
    """What Python and editors leave beside the code is no code."""
    saves = Saves(handlers)
    (handlers / "__pycache__").mkdir()
    (handlers / "__pycache__" / "connect.pyc").write_bytes(b"")
    (handlers / ".connect.py.swp").write_bytes(b"")
    assert saves.new() == []
