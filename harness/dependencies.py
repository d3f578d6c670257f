"""The layer: what the functions import beside their own code, installed for the platform that will run it."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from harness.archive import archive, fingerprint, list_tree, write_changed
from harness.bytecode import Interpreter, compile_sources
from harness.errors import HarnessError

SDK_SERVICES: Final = frozenset(
    {
        "apigatewaymanagementapi",
        "cloudfront",
        "cognito-idp",
        "dynamodb",
        "s3",
        "secretsmanager",
        "sqs",
        "ssm",
    }
)
"""The services whose models stay in the SDK; the models of all the others are nine tenths of its size."""

_MAKERS: Final = (Path(__file__), *(Path(__file__).with_name(name) for name in ("archive.py", "bytecode.py")))
"""What decides, beside the inputs, what is in the layer."""
_INSTALLER_FILES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""What an installer notes in dist-info: no two runs agree on it. METADATA stays: scanners read it."""


Installer = Callable[[Path, "Platform", Path], None]
"""Installs the requirements of a file for a platform into a folder."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What will run the functions."""

    name: str
    wheels: str | None
    """The platform as uv names it; None for this machine."""
    python_version: str

    @property
    def identity(self) -> str:
        """All that decides which wheels fit."""
        here = f"{sys.platform}-{platform.machine()}-{sys.implementation.cache_tag}"
        return f"{self.wheels or here}-{self.python_version}"


_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}

AWS: Final = Platform("aws", "aarch64-manylinux2014", "3.13")
HOST: Final = Platform("host", None, f"{sys.version_info.major}.{sys.version_info.minor}")
LOCALSTACK: Final = Platform(
    "localstack",
    f"{_MACHINES.get(platform.machine().lower(), platform.machine())}-manylinux2014",
    "3.13",
)
"""Lambda's own image, in a container on this machine's processor."""
PLATFORMS: Final = {known.name: known for known in (AWS, HOST, LOCALSTACK)}


def install(requirements: Path, target: Platform, folder: Path) -> None:
    """Install pinned wheels for a platform into a folder; nothing is built and nothing is run.

    Raises:
        HarnessError: a wheel cannot be had for the platform, or does not have the pinned hash.
    """
    command = [
        find_uv_bin(),
        "pip",
        "install",
        "--quiet",
        "--python",
        sys.executable,
        "--target",
        str(folder),
    ]
    command += ["--require-hashes", "--only-binary", ":all:"]
    if target.wheels:
        command += ["--python-platform", target.wheels, "--python-version", target.python_version]
    finished = subprocess.run(
        [*command, "--requirement", str(requirements)], capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise HarnessError(
            f"The functions' dependencies cannot be installed for {target.name}: {finished.stderr.strip()}"
        )


def write_layer(
    requirements: Path,
    target: Platform,
    path: Path,
    installer: Installer = install,
    compiler: Interpreter | None = None,
) -> None:
    """Write the layer's zip, unless the one that stands there was made from the same inputs.

    Args:
        requirements: exact pins with hashes.
        target: what will run the functions.
        path: where the zip goes.
        installer: installs them.
        compiler: of the target's version of Python; None leaves the layer without bytecode.
    """
    inputs = fingerprint(
        {
            "requirements": requirements.read_bytes(),
            "platform": target.identity.encode(),
            "compiler": compiler.release.encode() if compiler else b"",
        },
        _MAKERS,
    )
    made_from = path.with_name(f".{path.name}.inputs")
    if path.exists() and made_from.exists() and made_from.read_text() == inputs:
        return
    with tempfile.TemporaryDirectory() as folder:
        installer(requirements, target, Path(folder))
        installed = list_tree(Path(folder), "python/")
        files = {name: source.read_bytes() for name, source in installed if _ships(name)}
        bytecode = compile_sources(files, compiler) if compiler else {}
        write_changed(path, archive({**files, **bytecode}))
    write_changed(made_from, inputs.encode())


def _ships(name: str) -> bool:
    """Whether a function may need a file: no scripts, installers' notes or models of unused services."""
    match name.split("/")[1:]:
        case ["bin", *_]:
            return False
        case [folder, *_, last] if folder.endswith(".dist-info"):
            return last not in _INSTALLER_FILES
        case ["boto3" | "botocore", "data", service, _, *_]:
            return service in SDK_SERVICES
        case _:
            return True
