"""The bundle that a deployment uploads: the templates, one zip a function, and the layer of dependencies.

Zips hold sources and, where there is an interpreter of the functions' version to compile with, bytecode.

A bundle is a folder, build/<platform>/, complete in itself: the templates' paths (lambda/<function>.zip) are
within it. So wheels for one platform cannot reach another by the order in which bundles were built.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness import paths
from harness.archive import archive, fingerprint, list_tree, one_at_a_time, write_changed
from harness.bytecode import Finder, Interpreter, compile_sources, find_interpreter, sources_alone
from harness.dependencies import Installer, Platform, install, write_layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LAYER: Final = "dependencies.zip"
_MAKERS: Final = (Path(__file__), *(Path(__file__).with_name(name) for name in ("archive.py", "bytecode.py")))
"""What decides, beside the inputs, what is in a function's zip."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a bundle is made from."""

    stack: Path = paths.STACK
    handlers: Path = paths.HANDLERS
    requirements: Path = paths.LAYER_REQUIREMENTS

    @property
    def functions(self) -> list[str]:
        """The functions' names: one Python file in handlers/ each, beside the package that they share."""
        return sorted(path.stem for path in self.handlers.glob("*.py"))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder that `aws cloudformation package` takes."""

    folder: Path
    lacking: str | None = None
    """What it could not be given, in a sentence that says what to do."""

    @property
    def template(self) -> Path:
        """The root template, with local paths."""
        return self.folder / "root.yaml"

    @property
    def packaged_template(self) -> Path:
        """Where packaging writes the root template with the uploads' addresses in it."""
        return self.folder / "packaged.yaml"

    @property
    def parameters(self) -> Path:
        """Where a deployment writes the root's parameters, as `create-change-set` reads them."""
        return self.folder / "parameters.json"


def package(
    platform: Platform,
    output: Path | None = None,
    sources: Sources | None = None,
    installer: Installer = install,
    finder: Finder = find_interpreter,
) -> Bundle:
    """Build the bundle for a platform; the same inputs and Python give the same bytes, on any machine.

    Args:
        platform: what will run the functions.
        output: the bundle's folder, build/<platform> unless given.
        sources: the checkout's own unless given.
        installer: installs the dependencies.
        finder: finds what compiles; where there is nothing, the bundle has sources alone and says so.

    Raises:
        HarnessError: the dependencies cannot be installed for the platform, or nothing can be compiled.
    """
    sources = sources or Sources()
    folder = output or paths.BUILD / platform.name
    compiler = finder(platform.python_version)
    templates = {path.name: path.read_bytes() for path in sources.stack.glob("[!.]*.yaml")}
    with one_at_a_time(folder):
        _write_functions(sources, folder / "lambda", compiler)
        _write_exactly(folder, templates, keep=frozenset({"packaged.yaml"}))
        write_layer(sources.requirements, platform, folder / "lambda" / _LAYER, installer, compiler)
    return Bundle(folder, None if compiler else sources_alone(platform.python_version))


def _write_functions(sources: Sources, folder: Path, compiler: Interpreter | None) -> None:
    """Write each function's zip, unless those that stand there were made from the same inputs."""
    files = {name: path.read_bytes() for name, path in list_tree(sources.handlers / "chat", "chat/")}
    files |= {f"{name}.py": (sources.handlers / f"{name}.py").read_bytes() for name in sources.functions}
    made_from = folder / ".functions.inputs"
    inputs = fingerprint({**files, "compiler": compiler.release.encode() if compiler else b""}, _MAKERS)
    names = {f"{name}.zip" for name in sources.functions}
    standing = {path.name for path in folder.glob("[!.]*.zip")} - {_LAYER}
    if made_from.exists() and made_from.read_text() == inputs and standing == names:
        return
    made_from.unlink(missing_ok=True)  # some may be made anew and others not
    code = {f"{name}.zip": archive(content) for name, content in _functions(sources, files, compiler)}
    _write_exactly(folder, code, keep=frozenset({_LAYER}))
    write_changed(made_from, inputs.encode())


def _functions(
    sources: Sources, files: Mapping[str, bytes], compiler: Interpreter | None
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """What is in each function's zip: its entry and chat/, so that changing one entry changes one zip."""
    every = {**files, **(compile_sources(files, compiler) if compiler else {})}
    shared = {path: content for path, content in every.items() if path.startswith("chat/")}
    for name in sources.functions:
        own = (f"{name}.py", f"__pycache__/{name}.")
        yield name, {**shared, **{path: every[path] for path in every if path.startswith(own)}}


def _write_exactly(folder: Path, files: dict[str, bytes], keep: frozenset[str]) -> None:
    """Write the files and remove what an earlier build left, but for what is to be kept."""
    for path in folder.glob("[!.]*"):
        if path.is_file() and path.name not in files and path.name not in keep:
            path.unlink()
    for name, content in files.items():
        write_changed(folder / name, content)
