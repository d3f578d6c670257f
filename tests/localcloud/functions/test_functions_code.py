"""Unpacking deployment packages: once, whole or not at all, and never outside their directory."""

from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from localcloud.functions.catalog import Catalog
from localcloud.functions.code import CodeStore, InvalidCodeError, unpack
from tests.localcloud.functions.functions_fakes import FakeControlPlane, function, package

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def entry(name: str, mode: int) -> bytes:
    """A package of one entry with a Unix mode."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        information = zipfile.ZipInfo(name)
        information.external_attr = mode << 16
        archive.writestr(information, "text")
    return buffer.getvalue()


def linked(contents: Mapping[str, str | tuple[str]]) -> bytes:
    """A package of texts and, in tuples, targets of symbolic links."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            information = zipfile.ZipInfo(name)
            kind = stat.S_IFREG if isinstance(content, str) else stat.S_IFLNK
            information.external_attr = (kind | 0o777) << 16
            archive.writestr(information, content if isinstance(content, str) else content[0])
    return buffer.getvalue()


def test_unpack_package_has_its_contents(tmp_path: Path) -> None:
    """Files and directories are there, and nothing else is left beside them."""
    directory = unpack(package({"main.py": "1", "chat/log.py": "2"}), tmp_path)
    assert (directory / "main.py").read_text() == "1"
    assert (directory / "chat" / "log.py").read_text() == "2"
    assert list(tmp_path.iterdir()) == [directory]


def test_unpack_same_package_is_left_alone(tmp_path: Path) -> None:
    """The second time nothing is written: what Python compiled in the meantime stays."""
    directory = unpack(package({"main.py": "1"}), tmp_path)
    (directory / "main.pyc").write_text("compiled")
    assert unpack(package({"main.py": "1"}), tmp_path) == directory
    assert (directory / "main.pyc").exists()


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py"])
def test_unpack_entry_outside_is_refused(tmp_path: Path, name: str) -> None:
    """An entry that leads out of the package leaves no trace."""
    with pytest.raises(InvalidCodeError, match="leads out of the package"):
        unpack(entry(name, 0o644), tmp_path / "code")
    assert list((tmp_path / "code").iterdir()) == []
    assert not (tmp_path / "evil.py").exists()


def test_unpack_link_within_the_package_is_a_link(tmp_path: Path) -> None:
    """As npm and pip leave them: relative, also through a directory that is a link itself."""
    contents: dict[str, str | tuple[str]] = {
        "lib/one.py": "1",
        "main.py": ("lib/one.py",),
        "again": ("lib",),
    }
    directory = unpack(linked(contents), tmp_path)
    assert (directory / "main.py").is_symlink()
    assert (directory / "main.py").read_text() == "1"
    assert (directory / "again" / "one.py").read_text() == "1"


@pytest.mark.parametrize(
    "contents",
    [
        {"link": ("/etc",)},
        {"link": ("../other",)},
        {"a/link": ("../../other",)},
        {"here": (".",), "here/link": ("../other",)},
    ],
    ids=["absolute", "above", "far above", "by another link"],
)
def test_unpack_link_out_of_the_package_is_refused(
    tmp_path: Path, contents: Mapping[str, str | tuple[str]]
) -> None:
    """A link that leads elsewhere leaves no trace."""
    with pytest.raises(InvalidCodeError, match="leads out of the package"):
        unpack(linked(contents), tmp_path / "code")
    assert list((tmp_path / "code").iterdir()) == []


def test_unpack_no_zip_is_refused(tmp_path: Path) -> None:
    """Bytes that are no zip are named so."""
    with pytest.raises(InvalidCodeError, match="no readable zip"):
        unpack(b"#!/bin/sh", tmp_path)


@pytest.mark.parametrize(("packed", "unpacked"), [(0o755, 0o755), (0o600, 0o644), (0, 0o644)])
def test_unpack_modes_keep_what_may_be_executed(tmp_path: Path, packed: int, unpacked: int) -> None:
    """Executables stay executable, and everything is readable."""
    directory = unpack(entry("tool", packed), tmp_path)
    assert stat.S_IMODE((directory / "tool").stat().st_mode) == unpacked


async def test_code_store_known_function_is_not_fetched_again(tmp_path: Path) -> None:
    """Code that is unpacked, also by an earlier localcloud, is found by the function's own hash."""
    control_plane = FakeControlPlane()
    control_plane.deploy("greet", "1")
    deployed = await Catalog(control_plane).find("greet")
    directory = await CodeStore(control_plane, tmp_path).of_function(deployed)
    empty = FakeControlPlane()
    assert await CodeStore(empty, tmp_path).of_function(deployed) == directory


async def test_code_store_function_that_is_gone_raises_key_error(tmp_path: Path) -> None:
    """A function may be deleted while its environment is to start."""
    with pytest.raises(KeyError):
        await CodeStore(FakeControlPlane(), tmp_path / "code").of_function(function(code_sha256="AAAA"))
