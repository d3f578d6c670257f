"""The code of functions and layers on disk: each deployment package unpacked once, under its hash."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function
    from localcloud.interfaces import ControlPlane


class InvalidCodeError(ValueError):
    """A deployment package that cannot be unpacked; the message says why and what to do."""


class CodeStore:
    """Directories with the contents of deployment packages."""

    def __init__(self, control_plane: ControlPlane, directory: Path) -> None:
        """Keep what ``control_plane`` has deployed under ``directory``, which is made when missing."""
        self._control_plane = control_plane
        self._directory = directory
        self._layers: dict[str, Path] = {}
        self._unpacking = asyncio.Lock()

    async def of_function(self, function: Function) -> Path:
        """The directory with the function's own code.

        Raises:
            InvalidCodeError: the package is no zip, or reaches outside its directory; the directory that the
                code is to run from is not there.
            KeyError: the function is gone.
        """
        directory = function.directory if function.live is None else function.live.path
        if directory is not None:
            if not directory.is_dir():
                raise InvalidCodeError(f"{directory} is no directory: {function.name} runs from it.")
            return directory
        known = self._directory / base64.b64decode(function.code_sha256).hex()
        return (
            known
            if known.is_dir()
            else await self._unpacked(self._control_plane.function_code(function.name, function.version))
        )

    async def of_layer(self, layer_version_arn: str) -> Path:
        """The directory with the contents of a layer version, which never change.

        Raises:
            InvalidCodeError: the package is no zip, or reaches outside its directory.
            KeyError: the layer version is gone.
        """
        known = self._layers.get(layer_version_arn)
        if known is None:
            known = await self._unpacked(self._control_plane.layer_code(layer_version_arn))
            self._layers[layer_version_arn] = known
        return known

    async def _unpacked(self, package: bytes) -> Path:
        async with self._unpacking:
            return await asyncio.to_thread(unpack, package, self._directory)


def unpack(package: bytes, parent: Path) -> Path:
    """Unpack a zip under ``parent`` into a directory named by its SHA-256, which appears whole or not at all.

    Raises:
        InvalidCodeError: the package is no zip, or reaches outside its directory.
    """
    target = parent / hashlib.sha256(package).hexdigest()
    if target.is_dir():
        return target
    parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=parent))
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            for entry in archive.infolist():
                _extract(archive, entry, partial)
        partial.chmod(0o755)
        partial.rename(target)
    except zipfile.BadZipFile as error:
        raise InvalidCodeError(
            f"The deployment package is no readable zip ({error}): build it again."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, root: Path) -> None:
    path = PurePosixPath(entry.filename)
    mode = entry.external_attr >> 16
    if path.is_absolute() or ".." in path.parts:
        raise _leads_out(entry.filename)
    if stat.S_ISLNK(mode):
        _link(root, root / path, archive.read(entry).decode())
        return
    if not (root / path).parent.resolve().is_relative_to(root.resolve()):
        raise _leads_out(entry.filename)
    extracted = Path(archive.extract(entry, root))
    if not entry.is_dir():
        # Only whether it may be executed matters; what else the packing machine had must not lock us out.
        extracted.chmod(0o755 if mode & stat.S_IXUSR else 0o644)


def _link(root: Path, link: Path, target: str) -> None:
    """Make a symbolic link, which as everything else must stay in the package."""
    link.parent.mkdir(parents=True, exist_ok=True)
    if PurePosixPath(target).is_absolute() or not (link.parent / target).resolve().is_relative_to(
        root.resolve()
    ):
        raise _leads_out(str(link.relative_to(root)))
    link.symlink_to(target)


def _leads_out(name: str) -> InvalidCodeError:
    return InvalidCodeError(f"The package's entry {name!r} leads out of the package: build it without.")
