"""Zips depend on names and contents alone."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from harness.archive import archive, list_tree, one_at_a_time, write_changed


def test_archive_same_files_in_another_order_gives_the_same_bytes() -> None:
    """The order in which a file system lists files does not show."""
    assert archive({"b": b"2", "a/c": b"1"}) == archive({"a/c": b"1", "b": b"2"})


def test_archive_is_a_zip_that_lambda_can_read() -> None:
    """Every entry is a regular file that any user may read."""
    with zipfile.ZipFile(BytesIO(archive({"entry.py": b"code", "chat/__init__.py": b""}))) as opened:
        assert opened.namelist() == ["chat/__init__.py", "entry.py"]
        assert opened.read("entry.py") == b"code"
        assert {entry.external_attr >> 16 for entry in opened.infolist()} == {0o100644}


def test_list_tree_leaves_out_bytecode_and_hidden_files(tmp_path: Path) -> None:
    """What an editor or an interpreter leaves behind does not ship."""
    for name in ("a.py", "sub/b.py", "__pycache__/a.pyc", ".DS_Store", "sub/.cache/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert sorted(name for name, _ in list_tree(tmp_path, "chat/")) == ["chat/a.py", "chat/sub/b.py"]


def test_write_changed_same_content_leaves_the_file_alone(tmp_path: Path) -> None:
    """A file that already holds the content keeps its time."""
    path = tmp_path / "deep" / "file"
    write_changed(path, b"content")
    os.utime(path, (1, 1))
    write_changed(path, b"content")
    assert path.stat().st_mtime == 1
    write_changed(path, b"other")
    assert path.read_bytes() == b"other"
    assert [found.name for found in path.parent.iterdir()] == ["file"]


def test_folder_that_another_process_writes_to_is_waited_for(tmp_path: Path) -> None:
    """Two runs may package the same checkout at the same time."""
    program = "import sys, pathlib; from harness.archive import one_at_a_time\n"
    program += "with one_at_a_time(pathlib.Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with (tmp_path / ".lock").open("w") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        other.communicate("")
    with one_at_a_time(tmp_path):
        assert other.returncode == 0
