"""How long it takes from the start of the process until a request is answered, with nothing saved."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from bench import budgets, emulators
from bench.budgets import Result

if TYPE_CHECKING:
    from bench.subjects import Comparison


async def measure(comparison: Comparison) -> list[Result]:
    """Start each anew, in turn."""
    ours, theirs = [], []
    for number in range(comparison.pace.rounds):
        folder = comparison.folder / f"start-{number}"
        with comparison.progress.step(f"Starting each anew, round {number + 1}"):
            with emulators.localcloud(folder / "localcloud") as started:
                ours.append(started.ready_seconds)
            with emulators.ministack(folder / "ministack") as started:
                theirs.append(started.ready_seconds)
    mine, other = statistics.median(ours), statistics.median(theirs)
    measured = f"{mine:.2f} s; MiniStack {other:.2f} s"
    return [Result(budgets.START, mine, measured, {"localcloud_s": ours, "ministack_s": theirs})]
