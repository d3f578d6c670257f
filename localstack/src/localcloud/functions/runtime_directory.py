"""What AWS's Python runtime has beside the standard library: its runtime client and boto3, in one directory.

The directory takes the place of /var/runtime. It is made of links into localcloud's own environment, so it
costs nothing, and a function sees these distributions of that environment and no others.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

RUNTIME_CLIENT: Final = "awslambdaric"
TRANSPORT: Final = "runtime_client"
"""The runtime client's native module, in whose place ours stands."""
SDK: Final = "boto3"
BOOTSTRAP: Final = "bootstrap.py"


@dataclass(frozen=True, slots=True)
class RuntimeDirectory:
    """What takes the place of /var/runtime."""

    path: Path

    @property
    def program(self) -> tuple[str, ...]:
        """The interpreter's arguments for an environment's process; the handler follows."""
        if (self.path / RUNTIME_CLIENT).is_dir():
            return "-m", RUNTIME_CLIENT
        return (str(self.path / BOOTSTRAP),)


def make_runtime_directory(parent: Path, distributions: Iterable[str] | None = None) -> RuntimeDirectory:
    """The runtime directory under ``parent``, made if it is not there.

    Args:
        parent: where directories of this and other versions stand, each under a hash of what it links to.
        distributions: what to link, with all that it requires; if None, boto3 and, where there is one, AWS's
            runtime client.
    """
    bootstrap = Path(__file__).with_name(BOOTSTRAP)
    entries = {BOOTSTRAP: bootstrap}
    for required in _closure(_runtime_distributions() if distributions is None else distributions):
        entries |= _top_level(required)
    if RUNTIME_CLIENT in entries:
        entries = {name: path for name, path in entries.items() if not name.startswith(TRANSPORT)}
        entries[f"{TRANSPORT}.py"] = Path(__file__).with_name(f"{TRANSPORT}.py")
    listing = "\n".join(f"{name}={path}" for name, path in sorted(entries.items()))
    target = parent / hashlib.sha256(listing.encode()).hexdigest()
    if target.is_dir():
        return RuntimeDirectory(target)
    parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".linking-", dir=parent))
    try:
        for name, path in entries.items():
            (partial / name).symlink_to(path)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return RuntimeDirectory(target)


def _runtime_distributions() -> list[str]:
    """AWS's runtime client is for Linux only; elsewhere our bootstrap speaks the Runtime API itself."""
    try:
        distribution(RUNTIME_CLIENT)
    except PackageNotFoundError:
        return [SDK]
    return [RUNTIME_CLIENT, SDK]


def _closure(names: Iterable[str]) -> list[Distribution]:
    """The distributions of those names and all that they require in this environment."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower()
        if name not in found:
            found[name] = distribution(name)
            waiting += _requirements(found[name])
    return list(found.values())


def _requirements(required: Distribution) -> list[str]:
    """The names that a distribution requires here: no extras, and nothing that its markers leave out."""
    names = []
    for requirement in required.requires or ():
        specification, _, marker = requirement.partition(";")
        name = re.split(r"[^A-Za-z0-9._-]", specification.strip(), maxsplit=1)[0]
        if "extra" not in marker and (not marker or _installed(name)):
            names.append(name)
    return names


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _top_level(required: Distribution) -> dict[str, Path]:
    """The importable entries of a distribution: its packages, modules and shared objects, by name."""
    # The list as it stands on disk: botocore has thousands of files, and the parsed list takes 0.1 s.
    record = required.read_text("RECORD") or ""
    names = {line.partition(",")[0].partition("/")[0] for line in record.splitlines()}
    return {
        name: Path(str(required.locate_file(name))).resolve()
        for name in names - {"..", "__pycache__"}
        if not name.endswith(".dist-info")
    }
