"""Bundles: reproducible, complete, and no more changed than their sources."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from harness.dependencies import AWS, HOST, Platform
from harness.package import Bundle, Sources, package

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "stack/root.yaml": "Resources: {}",
    "stack/data.yaml": "Resources: {}",
    "handlers/connect.py": "from chat import domain",
    "handlers/sync.py": "from chat import domain",
    "handlers/chat/__init__.py": "",
    "handlers/chat/domain.py": "LIMIT = 25",
    "handlers/chat/__pycache__/domain.cpython-313.pyc": "",
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
            "sdk/__init__.py": requirements.read_text(),
            "botocore/data/endpoints.json": "{}",
            "botocore/data/dynamodb/2012-08-10/service-2.json": "{}",
            "botocore/data/ec2/2016-11-15/service-2.json": "{}",
            "bin/jp.py": f"#!{folder}",
            "sdk-1.dist-info/RECORD": str(folder),
            "sdk-1.dist-info/METADATA": "Name: sdk",
        }
        for name, content in written.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)


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


def _names(bundle: Bundle, function: str) -> list[str]:
    with zipfile.ZipFile(bundle.folder / "lambda" / f"{function}.zip") as opened:
        return opened.namelist()


def test_package_same_sources_give_the_same_hashes(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Neither the clock nor the folder shows in what ships."""
    one = _hashes(package(AWS, tmp_path / "one", sources, installer))
    for path in tmp_path.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    other = _hashes(package(AWS, tmp_path / "other", sources, installer))
    assert one == other
    assert one.keys() == {
        *("root.yaml", "data.yaml", "lambda/connect.zip", "lambda/sync.zip", "lambda/dependencies.zip")
    }


def test_package_function_holds_its_entry_and_the_shared_package(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Other entries are not in it, so that changing one leaves the others as they are."""
    bundle = package(AWS, tmp_path / "bundle", sources, installer)
    assert _names(bundle, "connect") == ["chat/__init__.py", "chat/domain.py", "connect.py"]


def test_package_layer_holds_what_functions_import(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Models of other services, scripts and installers' notes stay out; what scanners read stays in."""
    bundle = package(AWS, tmp_path / "bundle", sources, installer)
    assert _names(bundle, "dependencies") == [
        "python/botocore/data/dynamodb/2012-08-10/service-2.json",
        "python/botocore/data/endpoints.json",
        "python/sdk-1.dist-info/METADATA",
        "python/sdk/__init__.py",
    ]


def test_package_changed_entry_changes_only_its_zip(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """A deployment after an edit updates one function."""
    before = _hashes(package(AWS, tmp_path / "bundle", sources, installer))
    (sources.handlers / "sync.py").write_text("from chat import errors")
    after = _hashes(package(AWS, tmp_path / "bundle", sources, installer))
    assert {name for name in after if after[name] != before[name]} == {"lambda/sync.zip"}


def test_package_removed_entry_leaves_no_zip(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """What is no longer in the sources is no longer in the bundle."""
    package(AWS, tmp_path / "bundle", sources, installer)
    (sources.handlers / "sync.py").unlink()
    bundle = package(AWS, tmp_path / "bundle", sources, installer)
    assert not (bundle.folder / "lambda" / "sync.zip").exists()


def test_package_same_requirements_install_once(
    sources: Sources, installer: FakeInstaller, tmp_path: Path
) -> None:
    """Installing is what takes time: it happens when a requirement or the platform changes."""
    package(AWS, tmp_path / "bundle", sources, installer)
    package(AWS, tmp_path / "bundle", sources, installer)
    assert installer.installed == ["aws"]
    sources.requirements.write_text("sdk==2")
    package(AWS, tmp_path / "bundle", sources, installer)
    package(HOST, tmp_path / "bundle", sources, installer)
    assert installer.installed == ["aws", "aws", "host"]
