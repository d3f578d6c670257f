"""What a run found: a table to read, and JSON to keep."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec
from rich.table import Table

from harness import paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.budgets import Result
    from bench.subjects import Pace

_VERSIONS = ("ministack", "awslambdaric", "boto3", "uvicorn", "uvloop", "websockets")


def table(results: Sequence[Result]) -> Table:
    """The results as a table."""
    found = Table(
        title="localcloud beside bare MiniStack: medians of rounds that alternate", title_justify="left"
    )
    found.add_column("budget")
    found.add_column("wanted", justify="right", no_wrap=True)
    found.add_column("value", justify="right", no_wrap=True)
    found.add_column("")
    found.add_column("measured")
    for result in results:
        budget = result.budget
        verdict = "[green]kept[/]" if result.kept else "[red]missed[/]"
        found.add_row(
            budget.promise, budget.wanted, f"{result.value:.3g} {budget.unit}", verdict, result.measured
        )
    return found


def write(path: Path, results: Sequence[Result], pace: Pace, left_out: Sequence[str]) -> None:
    """Write everything that was measured, and where, as JSON."""
    content = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "environment": _environment(),
        "pace": asdict(pace),
        "leftOutOfMiniStack": list(left_out),
        "results": [_result(result) for result in results],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def _result(result: Result) -> dict[str, object]:
    return {
        "scenario": result.budget.name,
        "budget": result.budget.promise,
        "wanted": result.budget.wanted,
        "value": result.value,
        "kept": result.kept,
        "measured": result.measured,
        "figures": dict(result.figures),
    }


def _environment() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "revision": _revision(),
        "versions": {name: version(name) for name in _VERSIONS},
        "loadAverage": os.getloadavg(),
    }


def _revision() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    finished = subprocess.run(asked, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    return finished.stdout.strip() or "unknown"
