"""Zip files whose bytes depend on nothing but the names and contents of what is in them."""

from __future__ import annotations

import fcntl
import hashlib
import zipfile
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""
_UNIX = 3
_READABLE = 0o100644 << 16
"""A regular file that Lambda's user may read."""


def archive(files: Mapping[str, bytes]) -> bytes:
    """Make a zip of files given by their names in it.

    Entries are stored, not deflated: compressors differ between machines, and the bytes must not.
    """
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as opened:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE
            opened.writestr(entry, files[name])
    return buffer.getvalue()


def list_tree(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Give every file under a folder with its name in a zip; bytecode and hidden files are left out."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in parts):
            yield prefix + "/".join(parts), path


def fingerprint(inputs: Mapping[str, bytes], makers: Iterable[Path]) -> str:
    """Give what tells whether a file would come out the same: a hash of its inputs and of what makes it."""
    digest = hashlib.sha256()
    for name, content in [*sorted(inputs.items()), *((path.name, path.read_bytes()) for path in makers)]:
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the folder as long as the block lasts; wait for one that does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the file, and with the process
        yield


def write_changed(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and leave it alone where it already holds this content."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)
