"""What compiles is found, and what was compiled is loaded by its own version of Python and no other."""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from harness.bytecode import Interpreter, compile_sources, find_interpreter, interpreter_at
from harness.errors import HarnessError

if TYPE_CHECKING:
    from pathlib import Path

HERE = Interpreter(sys.executable, platform.python_version())
SAYS = "import platform; print(platform.python_implementation(), platform.python_version())"
BYTECODE = f"__pycache__/limits.{sys.implementation.cache_tag}.pyc"


def stand_in(folder: Path, script: str, name: str = "python9.9") -> Path:
    """Make a program of this name."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def imported(folder: Path, files: dict[str, bytes], *options: str) -> int:
    """Give limits.LIMIT as a fresh interpreter imports it from a folder with the files."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    command = [sys.executable, "-B", *options, "-c", "import limits; print(limits.LIMIT)"]
    finished = subprocess.run(
        command, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=True
    )
    return int(finished.stdout)


def test_find_interpreter_running_version_is_the_running_one() -> None:
    """What runs the harness runs the embedded AWS's functions: bytecode is always there for them."""
    assert find_interpreter(HERE.version) == HERE


def test_find_interpreter_other_version_is_the_first_on_path_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version manager's stand-in for what is not installed is passed over, and so is another Python."""
    stand_in(tmp_path / "one", "echo not installed >&2; exit 127")
    stand_in(tmp_path / "two", "echo PyPy 9.9.1")
    stand_in(tmp_path / "three", "echo CPython 9.8.7")
    stand_in(tmp_path / "four", "").write_bytes(b"\0 no program")
    found = stand_in(tmp_path / "five", "echo CPython 9.9.1")
    folders = (tmp_path / name for name in ("one", "two", "three", "four", "five"))
    monkeypatch.setenv("PATH", ":".join(map(str, folders)))
    assert find_interpreter("9.9") == Interpreter(str(found), "9.9.1")


def test_find_interpreter_that_is_nowhere_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on PATH nor with uv, which downloads nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_interpreter("9.9") is None


def test_interpreter_at_path_has_its_release() -> None:
    """As it says itself."""
    assert interpreter_at(sys.executable) == HERE


def test_compile_sources_gives_the_same_bytes_whatever_else_is_compiled() -> None:
    """So that changing one file changes the bytecode of none other; what is no Python is left alone."""
    source = (
        b"LIMIT = 25\nNAMES = {'one', 'two', 'three'}\ndef limit(one, two): return one.two in {'a', 'b'}\n"
    )
    alone = compile_sources({"limits.py": source, "data.json": b"{}"}, HERE)
    more = compile_sources(
        {"a.py": source, "limits.py": source, "chat/three.py": b"two = one = 'three'"}, HERE
    )
    assert alone.keys() == {BYTECODE}
    assert alone[BYTECODE] == more[BYTECODE]


def test_compile_sources_interpreter_that_breaks_is_named(tmp_path: Path) -> None:
    """With what it says."""
    broken = stand_in(tmp_path, "echo no memory >&2; exit 3")
    with pytest.raises(HarnessError, match=r"python9\.9 cannot compile the functions: no memory"):
        compile_sources({"limits.py": b""}, Interpreter(str(broken), "9.9.1"))


def test_bytecode_is_loaded_in_place_of_its_source(tmp_path: Path) -> None:
    """That of another source tells which of them was run."""
    compiled = compile_sources({"limits.py": b"LIMIT = 26"}, HERE)
    assert imported(tmp_path, {"limits.py": b"LIMIT = 25", **compiled}) == 26


@pytest.mark.parametrize("case", ["named for another version", "written by another version", "optimized"])
def test_bytecode_of_another_version_is_ignored(tmp_path: Path, case: str) -> None:
    """A runtime of another version, or with other flags, compiles the source as if there were none."""
    (bytecode,) = compile_sources({"limits.py": b"LIMIT = 26"}, HERE).values()
    name, options = BYTECODE, ["-O"] if case == "optimized" else []
    if case == "named for another version":
        name = "__pycache__/limits.cpython-399.pyc"
    if case == "written by another version":
        bytecode = b"\0\0\r\n" + bytecode[4:]
    assert imported(tmp_path, {"limits.py": b"LIMIT = 25", name: bytecode}, *options) == 25
