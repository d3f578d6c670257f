"""Renders the report of a run again: from its summary where there is one, else from its history."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from loadtest.compare import THRESHOLD, Outcome, compare, show_comparison
from loadtest.history import HistoryDamaged
from loadtest.summary import SUMMARY, Summary, SummaryUnusable, read_summary, summarise, write_summary
from loadtest.tables import show, show_markdown

from .page import REPORT, write_report

_EXAMPLES = """\
examples:
  python -m loadtest.report build/load/direct
  python -m loadtest.report build/load/direct --again
  python -m loadtest.report build/load/direct --compare build/load/before/summary.json --threshold 1.5

exit status: 0 all promises kept and nothing worse, 1 a promise broken or a figure worse,
2 nothing to read, 3 not comparable
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.report",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", type=Path, help="where the run's history, or its summary, is")
    parser.add_argument("--again", action="store_true", help="judge the history anew")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="the summary of an older run")
    parser.add_argument("--markdown", action="store_true", help="print the figures as tables for a document")
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        help="how many times worse a figure may be (default: %(default)s)",
    )
    parsed = parser.parse_args(arguments)
    try:
        summary = _summary(parsed.directory, again=parsed.again)
        old = read_summary(parsed.compare) if parsed.compare else None
    except (HistoryDamaged, SummaryUnusable) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    comparison = None
    if old is not None:
        comparison = compare(old, summary, threshold=parsed.threshold, name=str(parsed.compare))
    report = parsed.directory / REPORT
    write_report(report, summary, comparison)
    console = Console()
    (show_markdown if parsed.markdown else show)(summary, console)
    if comparison:
        show_comparison(comparison, console)
    console.print(f"Report: {report}", soft_wrap=True, highlight=False, markup=False)
    if not summary.verdict.kept:
        return 1
    return {Outcome.KEPT: 0, Outcome.WORSE: 1, Outcome.NOT_COMPARABLE: 3}[
        comparison.outcome if comparison else Outcome.KEPT
    ]


def _summary(directory: Path, *, again: bool) -> Summary:
    path = directory / SUMMARY
    if path.exists():
        kept = read_summary(path)
        if not again:
            return kept
        summary = summarise(directory, kept.findings)
    else:
        summary = summarise(directory)
    write_summary(path, summary)
    return summary


if __name__ == "__main__":
    sys.exit(main())
