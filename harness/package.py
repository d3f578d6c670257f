"""The bundle that a deployment uploads: the templates, one zip a function, and the layer of dependencies.

A bundle is a folder, build/<platform>/, complete in itself: the templates' paths (lambda/<function>.zip) are
within it. So wheels for one platform cannot reach another by the order in which bundles were built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import paths
from harness.archive import archive, list_tree, one_at_a_time, write_changed
from harness.dependencies import Installer, Platform, install, write_layer

if TYPE_CHECKING:
    from pathlib import Path


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
) -> Bundle:
    """Build the bundle for a platform; the same inputs give the same bytes, on any machine.

    Args:
        platform: what will run the functions.
        output: the bundle's folder, build/<platform> unless given.
        sources: the checkout's own unless given.
        installer: installs the dependencies.

    Raises:
        HarnessError: the dependencies cannot be installed for the platform.
    """
    sources = sources or Sources()
    folder = output or paths.BUILD / platform.name
    code = {f"{name}.zip": content for name, content in _function_zips(sources)}
    templates = {path.name: path.read_bytes() for path in sources.stack.glob("[!.]*.yaml")}
    with one_at_a_time(folder):
        _write_exactly(folder / "lambda", code, keep=frozenset({"dependencies.zip"}))
        _write_exactly(folder, templates, keep=frozenset({"packaged.yaml"}))
        write_layer(sources.requirements, platform, folder / "lambda" / "dependencies.zip", installer)
    return Bundle(folder)


def _function_zips(sources: Sources) -> list[tuple[str, bytes]]:
    """Each function's zip: its entry and chat/, so that changing one entry changes one zip."""
    shared = {name: path.read_bytes() for name, path in list_tree(sources.handlers / "chat", "chat/")}
    return [
        (name, archive({**shared, f"{name}.py": (sources.handlers / f"{name}.py").read_bytes()}))
        for name in sources.functions
    ]


def _write_exactly(folder: Path, files: dict[str, bytes], keep: frozenset[str]) -> None:
    """Write the files and remove what an earlier build left, but for what is to be kept."""
    for path in folder.glob("[!.]*"):
        if path.is_file() and path.name not in files and path.name not in keep:
            path.unlink()
    for name, content in files.items():
        write_changed(folder / name, content)
