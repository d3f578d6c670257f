"""Functions: a published version of code that is run from a directory goes on with that directory.

Fault: none of MiniStack's; the package that names a directory is localcloud's own. A version is what was
published, so publishing one packs what the directory has then: later saves are of ``$LATEST`` alone.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from localcloud.directory_packages import named_directory
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Answer = tuple[int, Mapping[str, str], bytes]


def _packing(publish: Callable[[str, dict[str, Any]], Answer]) -> Callable[[str, dict[str, Any]], Answer]:
    def publish_version(name: str, data: dict[str, Any]) -> Answer:
        status, headers, body = publish(name, data)
        if status != 201:  # noqa: PLR2004 - HTTP's Created
            return status, headers, body
        version = lambda_svc._functions[name]["versions"][json.loads(body)["Version"]]  # noqa: SLF001
        directory = named_directory(version["code_zip"]) if version.get("code_zip") else None
        if directory is None:
            return status, headers, body
        version["code_zip"] = _package(directory)
        digest = hashlib.sha256(version["code_zip"]).digest()
        version["config"]["CodeSha256"] = base64.b64encode(digest).decode()
        return status, headers, json.dumps(version["config"]).encode()

    return publish_version


def _package(directory: Path) -> bytes:
    """The files of a directory, but for what is hidden and what Python has compiled."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(directory.rglob("*")):
            parts = path.relative_to(directory).parts
            if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
                archive.write(path, "/".join(parts))
    return packed.getvalue()


FIX = Fix(Patch(lambda_svc, "_publish_version", _packing))
