"""How soon a saved handler answers: from saving a file that all functions import to the first new answer."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from bench import budgets
from bench.budgets import Result
from bench.figures import percentile
from bench.ring import joined
from harness import paths
from harness.errors import HarnessError
from harness.live_code import run_from

if TYPE_CHECKING:
    from pathlib import Path

    from bench.client import Connection
    from bench.subjects import Comparison

_SAVES_A_ROUND = 4
_DEADLINE_SECONDS = 30.0
_TAG = 'tag="{}"'


async def measure(comparison: Comparison) -> list[Result]:
    """Save, and ping until the answer is the new one, again and again; MiniStack has nothing to compare."""
    subject = comparison.localcloud
    handlers = comparison.folder / "handlers"
    shutil.copytree(paths.HANDLERS, handlers, ignore=shutil.ignore_patterns("__pycache__"))
    run_from(subject.deployment.target, subject.deployment.stack_name, handlers)
    frames = handlers / "chat" / "protocol" / "server_frames.py"
    taken: list[float] = []
    tag = "pong"
    async with joined(subject.deployment, subject.tables, 2) as ring:
        connection = ring.members[0].connection
        await _answers(connection, tag)
        for number in range(comparison.pace.rounds * _SAVES_A_ROUND):
            before, tag = tag, f"pong{number}"
            _save(frames, before, tag)
            taken.append(await _answers(connection, tag))
    _save(frames, tag, "pong")
    median = percentile(taken, 0.5)
    measured = f"{median:.2f} s, the slowest of {len(taken)} saves {max(taken):.2f} s"
    return [Result(budgets.RELOAD, median, measured, {"saves_s": taken})]


def _save(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    file.write_text(text.replace(_TAG.format(before), _TAG.format(after)))


async def _answers(connection: Connection, wanted: str) -> float:
    """Seconds until a ping is answered with the wanted type."""
    began = time.perf_counter()
    while (await connection.ask({"action": "ping"})).type != wanted:
        if time.perf_counter() > began + _DEADLINE_SECONDS:
            raise HarnessError(f"A save was not answered within {_DEADLINE_SECONDS:.0f} s.")
    return time.perf_counter() - began
