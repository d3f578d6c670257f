"""Where a run took place: what a reader must know before comparing its figures with others."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from harness import paths

_VERSIONS = ("locust", "gevent", "websocket-client", "hdrhistogram", "ministack", "awslambdaric", "botocore")


class Environment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A machine and the software on it."""

    cpu: str
    cores: int
    """Those that this process may use."""
    memory_bytes: int
    """The machine's; 0 where it does not tell."""
    load_average: float
    """Of the last minute, when the run began: above 0 means that others were working too."""
    system: str
    python: str
    revision: str
    """Parley's own version: the commit, with `-dirty` where files were changed since."""
    versions: dict[str, str]
    """Of the libraries that a figure may depend on."""


def here() -> Environment:
    """Describe this machine."""
    return Environment(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=_memory_bytes(),
        load_average=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        revision=_revision(),
        versions={name: found for name in _VERSIONS if (found := _version(name))},
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _revision() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    try:
        finished = subprocess.run(asked, cwd=paths.ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return "unknown"
    return finished.stdout.strip() or "unknown"
