"""Bytecode beside the sources: nobody can write any in Lambda, so cold starts would compile."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uv import find_uv_bin

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOME_DO_NOT_COMPILE: Final = 1
"""What compileall exits with then. They ship all the same: their import says what is wrong."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python on this machine."""

    path: str
    release: str
    """Such as 3.13.5: the same release compiles the same source to the same bytes."""

    @property
    def version(self) -> str:
        """Such as 3.13: what bytecode has to be of, for another Python of it to load."""
        return self.release.rpartition(".")[0]


Finder = Callable[[str], Interpreter | None]
"""Gives an interpreter of a version, such as 3.13, where there is one."""


def find_interpreter(version: str) -> Interpreter | None:
    """Give the running interpreter if it is of the version, else one on PATH, else one of uv's."""
    running = Interpreter(sys.executable, platform.python_version())
    if running.version == version:
        return running
    found = (interpreter_at(path) for path in _candidates(version))
    return next((each for each in found if each and each.version == version), None)


def interpreter_at(path: str) -> Interpreter | None:
    """Give the interpreter at a path; None for what runs no CPython, such as a version manager's stand-in."""
    program = "import platform as p; print(p.python_implementation(), p.python_version())"
    try:
        said = subprocess.run([path, "-I", "-c", program], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    match said.split():
        case ["CPython", release]:
            return Interpreter(path, release)
        case _:
            return None


def sources_alone(version: str) -> str:
    """Say why a bundle has no bytecode, what that costs, and what to do."""
    return (
        f"There is no Python {version} on this machine to compile with, so sources ship alone and cold "
        f"starts take twice the CPU time: install it (`uv python install {version}` does) and package again."
    )


def compile_sources(files: Mapping[str, bytes], interpreter: Interpreter) -> dict[str, bytes]:
    """Compile the Python files among files; gives the bytecode by the names that it has beside them.

    The bytes depend on names, contents and the release alone: no date is in them, and no folder of this
    machine. Python of this version loads them without a look at the source (PEP 552, unchecked); none other.

    Raises:
        HarnessError: the interpreter does not work.
    """
    sources = {name: content for name, content in files.items() if name.endswith(".py")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source, content in sources.items():
            (folder / source).parent.mkdir(parents=True, exist_ok=True)
            (folder / source).write_bytes(content)
        command = [interpreter.path, "-I", "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash"]
        command += ["-s", name, name]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode not in {0, _SOME_DO_NOT_COMPILE}:
            raise HarnessError(f"{interpreter.path} cannot compile the functions: {finished.stderr.strip()}")
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("__pycache__/*.pyc")
        }


def _candidates(version: str) -> Iterator[str]:
    """Where an interpreter of the version may be; uv is asked last, and downloads nothing."""
    for folder in os.get_exec_path():
        if path := shutil.which(f"python{version}", path=folder):
            yield path
    command = [find_uv_bin(), "python", "find", "--no-project", "--managed-python", "--no-python-downloads"]
    finished = subprocess.run([*command, version], capture_output=True, text=True, check=False)
    if finished.returncode == 0:
        yield finished.stdout.strip()
