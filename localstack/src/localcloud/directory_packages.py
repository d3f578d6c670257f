"""Deployment packages that hold no code, but name the directory of this machine that the code is run from."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final

_NAME: Final = "localcloud-runs-from-directory"
_LARGEST_BYTES: Final = 8192
"""Of such a package: a path has 4,096 at most."""


def package_naming(directory: str) -> bytes:
    """The package that names ``directory``; the same one every time."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(zipfile.ZipInfo(_NAME), directory)
    return package.getvalue()


def named_directory(package: bytes) -> Path | None:
    """The directory that a package names; None of one that holds code."""
    if len(package) > _LARGEST_BYTES:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            return Path(archive.read(_NAME).decode())
    except (zipfile.BadZipFile, KeyError):
        return None
