"""After a run: sums its history up, judges it, reports it, and says by the exit status how it went."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console

from harness import paths

from .compare import Outcome as Compared
from .compare import compare, show_comparison
from .history import HistoryDamaged, Kind
from .report import REPORT, write_report
from .summary import SUMMARY, SummaryUnusable, read_summary, summarise, write_summary
from .tables import show

if TYPE_CHECKING:
    from pathlib import Path

    from .outcome import Outcome
    from .settings import Settings
    from .summary import Summary


def conclude(folder: Path, outcome: Outcome, settings: Settings, older: Path | None, threshold: float) -> int:
    """Report a run and return the exit status.

    Args:
        folder: where its history is, and where the report goes.
        outcome: what the conductor said.
        settings: what the run was to do.
        older: the summary of a run to compare it with.
        threshold: how many times worse than that a figure may be.
    """
    console = Console()
    try:
        summary = summarise(folder, outcome.findings)
        old = read_summary(older) if older else None
    except (HistoryDamaged, SummaryUnusable) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    write_summary(folder / SUMMARY, summary)
    comparison = None
    if old is not None:
        comparison = compare(old, summary, threshold=threshold, name=str(older))
    write_report(folder / REPORT, summary, comparison)
    show(summary, console)
    if comparison is not None:
        show_comparison(comparison, console)
    missed = missed_limits(summary, outcome, settings)
    for said in missed:
        sys.stderr.write(f"{said}\n")
    console.print(f"Report: {paths.within_root(folder / REPORT)}", highlight=False, soft_wrap=True)
    if missed or not summary.verdict.kept:
        return 1
    compared = Compared.KEPT if comparison is None else comparison.outcome
    return {Compared.KEPT: 0, Compared.WORSE: 1, Compared.NOT_COMPARABLE: 3}[compared]


def missed_limits(summary: Summary, outcome: Outcome, settings: Settings) -> list[str]:
    """Say what went otherwise than it was to, beside broken promises."""
    missed = [outcome.failure] if outcome.failure else []
    if settings.p99_limit is None:
        return missed
    if settings.scenario == "ramp":
        if not outcome.findings.get("knee"):
            missed.append(f"Not even the first rate was delivered within {settings.p99_limit:g} ms at p99.")
        return missed
    for request in summary.requests:
        if request.kind is Kind.DELIVERED and request.latency is not None:
            p99 = request.latency.p99
            if p99 > settings.p99_limit:
                missed.append(
                    f"{request.kind} took {p99:.0f} ms at p99; {settings.p99_limit:g} is the limit."
                )
    return missed
