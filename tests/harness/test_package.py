"""Bundles: reproducible, complete, and no more changed than their sources."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from harness.bytecode import Interpreter
from harness.dependencies import AWS, HOST, Platform
from harness.package import Bundle, Sources, package

if TYPE_CHECKING:
    from pathlib import Path

TAG = sys.implementation.cache_tag
FILES = {
    "stack/root.yaml": "Resources: {}",
    "stack/data.yaml": "Resources: {}",
    "handlers/connect.py": "from chat import domain",
    "handlers/sync.py": "from chat import domain",
    "handlers/chat/__init__.py": "",
    "handlers/chat/domain.py": "LIMIT = 25",
    "handlers/chat/__pycache__/domain.cpython-399.pyc": "left behind",
    "handlers.txt": "sdk==1",
}


@dataclass
class FakeInstaller:
    """Writes what an installer writes, with the time of now and notes that differ from run to run."""

    installed: list[str] = field(default_factory=list)

    def __call__(self, requirements: Path, target: Platform, folder: Path) -> None:
        """Pretend to install."""
        self.installed.append(target.name)
        written = {
            "sdk/__init__.py": f"REQUIREMENT = {requirements.read_text()!r}",
            "botocore/data/endpoints.json": "{}",
            "botocore/data/dynamodb/2012-08-10/service-2.json": "{}",
            "botocore/data/ec2/2016-11-15/service-2.json": "{}",
            "bin/jp.py": f"#!{folder}",
            "sdk-1.dist-info/RECORD": str(folder),
            "sdk-1.dist-info/METADATA": "Name: sdk",
            "sdk/__pycache__/__init__.cpython-399.pyc": str(folder),
        }
        for name, content in written.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)


@dataclass
class FakeFinder:
    """Finds the interpreter that runs the tests, whatever the version; and notes what was looked for."""

    release: str = "3.13.0"
    looked_for: list[str] = field(default_factory=list)

    def __call__(self, version: str) -> Interpreter:
        """Pretend that it is of the version."""
        self.looked_for.append(version)
        return Interpreter(sys.executable, self.release)


def no_interpreter(_version: str) -> None:
    """Find none."""


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """A small checkout."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return Sources(tmp_path / "stack", tmp_path / "handlers", tmp_path / "handlers.txt")


@pytest.fixture
def installer() -> FakeInstaller:
    """An installer without a network."""
    return FakeInstaller()


def _hashes(bundle: Bundle) -> dict[str, str]:
    return {
        str(path.relative_to(bundle.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(bundle.folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _read(bundle: Bundle, function: str, name: str) -> bytes:
    with zipfile.ZipFile(bundle.folder / "lambda" / f"{function}.zip") as opened:
        return opened.read(name)


def _names(bundle: Bundle, function: str) -> list[str]:
    with zipfile.ZipFile(bundle.folder / "lambda" / f"{function}.zip") as opened:
        return opened.namelist()


def test_package_same_sources_give_the_same_hashes(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Neither the clock nor the folder shows in what ships."""
    one = _hashes(package(AWS, tmp_path / "one", sources, installer, FakeFinder()))
    for path in tmp_path.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    other = _hashes(package(AWS, tmp_path / "other", sources, installer, FakeFinder()))
    assert one == other
    assert one.keys() == {
        *("root.yaml", "data.yaml", "lambda/connect.zip", "lambda/sync.zip", "lambda/dependencies.zip")
    }


def test_package_function_holds_its_entry_and_the_shared_package(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Other entries are not in it, so that changing one leaves the others as they are."""
    bundle = package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    assert _names(bundle, "connect") == [
        f"__pycache__/connect.{TAG}.pyc",
        "chat/__init__.py",
        f"chat/__pycache__/__init__.{TAG}.pyc",
        f"chat/__pycache__/domain.{TAG}.pyc",
        "chat/domain.py",
        "connect.py",
    ]


def test_package_layer_holds_what_functions_import(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Models of other services, scripts and installers' notes stay out; what scanners read stays in."""
    bundle = package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    assert _names(bundle, "dependencies") == [
        "python/botocore/data/dynamodb/2012-08-10/service-2.json",
        "python/botocore/data/endpoints.json",
        "python/sdk-1.dist-info/METADATA",
        "python/sdk/__init__.py",
        f"python/sdk/__pycache__/__init__.{TAG}.pyc",
    ]


def test_package_changed_entry_changes_only_its_zip(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """A deployment after an edit updates one function."""
    before = _hashes(package(AWS, tmp_path / "bundle", sources, installer, FakeFinder()))
    (sources.handlers / "sync.py").write_text("from chat import errors")
    after = _hashes(package(AWS, tmp_path / "bundle", sources, installer, FakeFinder()))
    assert {name for name in after if after[name] != before[name]} == {"lambda/sync.zip"}


def test_package_bytecode_names_no_folder_of_this_machine(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """It names the file as it is in the zip, and is loaded whatever the source's date: PEP 552, unchecked."""
    bundle = package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    bytecode = _read(bundle, "sync", f"chat/__pycache__/domain.{TAG}.pyc")
    assert bytecode[4:8] == b"\x01\0\0\0"
    assert marshal.loads(bytecode[16:]).co_filename == "chat/domain.py"  # noqa: S302 - made here


def test_package_without_an_interpreter_has_sources_alone_and_says_so(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """What to do, and what it costs; once there is one, functions and layer are compiled."""
    bundle = package(AWS, tmp_path / "bundle", sources, installer, no_interpreter)
    assert _names(bundle, "connect") == ["chat/__init__.py", "chat/domain.py", "connect.py"]
    assert not any(name.endswith(".pyc") for name in _names(bundle, "dependencies"))
    assert bundle.lacking == (
        "There is no Python 3.13 on this machine to compile with, so sources ship alone and cold starts take "
        "twice the CPU time: install it (`uv python install 3.13` does) and package again."
    )
    finder = FakeFinder()
    bundle = package(AWS, tmp_path / "bundle", sources, installer, finder)
    assert finder.looked_for == ["3.13"]
    assert bundle.lacking is None
    assert f"__pycache__/connect.{TAG}.pyc" in _names(bundle, "connect")
    assert f"python/sdk/__pycache__/__init__.{TAG}.pyc" in _names(bundle, "dependencies")


def test_package_source_that_does_not_compile_ships_alone(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Its import says what is wrong, as without bytecode; all others have theirs."""
    (sources.handlers / "sync.py").write_text("from chat import")
    bundle = package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    assert f"__pycache__/sync.{TAG}.pyc" not in _names(bundle, "sync")
    assert f"chat/__pycache__/domain.{TAG}.pyc" in _names(bundle, "sync")


def test_package_same_sources_are_compiled_once(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Nothing is written anew until a source or the release of Python changes, or a zip is missing."""
    entry = tmp_path / "bundle" / "lambda" / "sync.zip"
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    entry.write_text("not made anew")
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    assert entry.read_text() == "not made anew"
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder("3.13.1"))
    assert zipfile.is_zipfile(entry)
    entry.unlink()
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder("3.13.1"))
    assert zipfile.is_zipfile(entry)


def test_package_removed_entry_leaves_no_zip(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """What is no longer in the sources is no longer in the bundle."""
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    (sources.handlers / "sync.py").unlink()
    bundle = package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    assert not (bundle.folder / "lambda" / "sync.zip").exists()


def test_package_same_requirements_install_once(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Installing is what takes time: it happens when a requirement, the platform or Python changes."""
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    assert installer.installed == ["aws"]
    sources.requirements.write_text("sdk==2")
    package(AWS, tmp_path / "bundle", sources, installer, FakeFinder())
    package(HOST, tmp_path / "bundle", sources, installer, FakeFinder())
    package(HOST, tmp_path / "bundle", sources, installer, FakeFinder("3.13.1"))
    assert installer.installed == ["aws", "aws", "host", "host"]
