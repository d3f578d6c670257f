"""The web client's site: built once from each content of frontend/, and told where its stack is."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from harness import node, paths
from harness.archive import list_tree, one_at_a_time
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.outputs import Outputs

SITES: Final = paths.BUILD / "frontend"
"""The built sites, each in a folder named by the digest of what it was built from."""
_PACKAGES: Final = paths.BUILD / "npm"
"""Has the lock of who installs packages; npm empties their own folder."""
CONFIGURATION: Final = "config.json"
_KEPT = 3
_NOT_BUILT_FROM = frozenset({"node_modules", "tests", "README.md"})


class SignIn(msgspec.Struct, frozen=True, rename="camel"):
    """How a browser signs in by an identity provider."""

    url: str
    client_id: str
    providers: tuple[str, ...]

    @classmethod
    def of(cls, outputs: Outputs) -> SignIn | None:
        """What a stack offers; None where it has passwords alone."""
        if outputs.sign_in_url is None:
            return None
        providers = (outputs.sign_in_providers or "").split(",")
        return cls(outputs.sign_in_url, outputs.sign_in_client_id or "", tuple(filter(None, providers)))


class Configuration(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What the site reads from /config.json when it starts: where its stack is."""

    web_socket_url: str
    http_api_url: str
    user_pool_id: str
    user_pool_client_id: str
    cognito_url: str
    password_length: int = 12
    mfa: Literal["disabled", "optional"] = "disabled"
    sign_in: SignIn | None = None

    @classmethod
    def of(cls, outputs: Outputs) -> Configuration:
        """The configuration for a stack."""
        return cls(
            outputs.web_socket_url,
            outputs.http_api_url,
            outputs.user_pool_id,
            outputs.user_pool_client_id,
            outputs.endpoint or f"https://cognito-idp.{outputs.region}.amazonaws.com",
            outputs.password_length,
            outputs.mfa,
            SignIn.of(outputs),
        )

    def encoded(self) -> bytes:
        """The file's content."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


Compiler = Callable[[Path, Path], None]
"""Builds the sources of a folder into another folder."""


def compile_site(source: Path, folder: Path) -> None:
    """Build the site with Vite.

    Raises:
        HarnessError: there is no Node.js, the packages cannot be had, or the sources do not build.
    """
    install()
    command = _vite("build", "--logLevel", "warn", "--outDir", str(folder))
    _run(command, source, "The web client does not build")


def build(source: Path = paths.FRONTEND, sites: Path = SITES, compiler: Compiler = compile_site) -> Path:
    """Give the folder of the site, built now unless it was built before from the same files.

    Raises:
        HarnessError: it does not build.
    """
    site = sites / _digest(source)
    with one_at_a_time(sites):
        if site.exists():
            site.touch()
            return site
        unfinished = sites / f".{site.name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        compiler(source, unfinished)
        unfinished.rename(site)
        for old in sorted(sites.glob("[!.]*"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            shutil.rmtree(old)
    return site


def install() -> None:
    """Install the packages that package-lock.json names, with the hashes it has, unless they are there.

    Raises:
        HarnessError: there is no npm, or it cannot have them.
    """
    with one_at_a_time(_PACKAGES):
        if _installed():
            return
        npm = node.npm()
        if npm is None:
            raise HarnessError(
                "There is no npm to build the web client with: install Node.js, or run through nox."
            )
        quiet = ("--no-audit", "--no-fund", "--loglevel", "error")
        command = [*npm, "ci", "--ignore-scripts", *quiet]
        _run(command, paths.FRONTEND, "npm cannot install what the web client is built with")


@contextmanager
def development_server(outputs: Outputs, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run Vite's server on a port of loopback, for the stack of these outputs, as long as the block lasts.

    Raises:
        HarnessError: there is no Node.js, or the packages cannot be had.
    """
    install()
    # A sign-in comes back to the stack's own site, which alone has its cookie.
    offered = msgspec.structs.replace(Configuration.of(outputs), sign_in=None)
    configuration = json.dumps(msgspec.to_builtins(offered))
    command = _vite("--host", "127.0.0.1", "--port", str(port), "--strictPort")
    environment = {**node.environment(), "PARLEY_CONFIGURATION": configuration}
    server = subprocess.Popen(command, cwd=paths.FRONTEND, env=environment)
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def _vite(*arguments: str) -> list[str]:
    found = node.node()
    if found is None:
        raise HarnessError("There is no Node.js: install it, or run through nox.")
    return [*found, str(paths.FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"), *arguments]


def _run(command: Sequence[str], folder: Path, otherwise: str) -> None:
    finished = subprocess.run(
        command, cwd=folder, env=node.environment(), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        said = (finished.stderr.strip() or finished.stdout.strip()).splitlines()
        raise HarnessError(f"{otherwise}: {' '.join(said[:3])}")


def _installed() -> bool:
    """Whether node_modules holds what package-lock.json names; what is for other platforms may lack."""
    try:
        wanted = json.loads((paths.FRONTEND / "package-lock.json").read_bytes())["packages"]
        found = json.loads((paths.FRONTEND / "node_modules" / ".package-lock.json").read_bytes())["packages"]
    except FileNotFoundError:
        return False
    return all(
        found[name]["version"] == package["version"] if name in found else package.get("optional", False)
        for name, package in wanted.items()
        if name
    )


def _digest(source: Path) -> str:
    """Tells any two contents of frontend/ apart, as far as the site is built from it."""
    digest = hashlib.sha256()
    for name, path in sorted(_files(source)):
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def _files(source: Path) -> Iterator[tuple[str, Path]]:
    for entry in os.scandir(source):
        if entry.is_file() and entry.name not in _NOT_BUILT_FROM:
            yield entry.name, Path(entry.path)
        elif entry.is_dir() and entry.name not in _NOT_BUILT_FROM:
            tree = list_tree(Path(entry.path), f"{entry.name}/")
            yield from ((name, path) for name, path in tree if ".test." not in path.name)
