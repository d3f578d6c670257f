"""The command line: `python -m bench`, which `nox -s bench` calls."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import report, scenarios
from bench.subjects import Pace, compared
from harness import paths
from harness.errors import HarnessError
from harness.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.budgets import Result
    from bench.subjects import Comparison

_OUTPUT = paths.LOCAL / "bench" / "results.json"
_EXAMPLES = """\
examples:
  nox -s bench                                everything: about ten minutes
  nox -s bench -- --quick                     a tenth of it, to see it work and not to judge by
  nox -s bench -- --only messages --rounds 9  one scenario, with more rounds
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison; 0 where every budget is kept, 1 where not, 130 where it was interrupted."""
    parsed = _parser().parse_args(arguments)
    # What ends a terminal's session or a CI job is a Ctrl-C to us: everything started here is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    pace = Pace(rounds=parsed.rounds)
    pace = pace.quick() if parsed.quick else pace
    progress = Progress()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="parley-bench-") as folder,
            compared(pace, Path(folder), progress) as comparison,
        ):
            results = asyncio.run(_measure(comparison, parsed.only or list(scenarios.ALL)))
            left_out = comparison.ministack.deployment.left_out
    except HarnessError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped; nothing is left running.\n")
        return 130
    progress.console.print(report.table(results), soft_wrap=False)
    report.write(parsed.output, results, pace, left_out)
    progress.say(f"All figures: {paths.within_root(parsed.output)}")
    return 0 if all(result.kept for result in results) else 1


async def _measure(comparison: Comparison, names: Sequence[str]) -> list[Result]:
    return [result for name in names for result in await scenarios.ALL[name](comparison)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nox -s bench --",
        description="Compares localcloud with bare MiniStack, and holds it to its budgets.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", choices=list(scenarios.ALL), help="this scenario; repeatable"
    )
    parser.add_argument("--rounds", type=_positive, default=Pace().rounds, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument(
        "--output", type=Path, default=_OUTPUT, help="default: .localcloud/bench/results.json"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("wants a number from 1 up")
    return number


if __name__ == "__main__":
    sys.exit(main())
