"""Judges a history that was kept."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from loadtest.history import HistoryDamaged

from .judge import KEPT, judge_directory
from .telling import tell

_EXAMPLES = """\
examples:
  python -m loadtest.verdict build/load/direct
  python -m loadtest.verdict build/load/direct --first 1000 --json build/verdict.json

exit status: 0 all promises kept, 1 one was broken, 2 the history cannot be read
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.verdict",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", type=Path, help="where the run's history is")
    parser.add_argument(
        "--first", type=int, default=KEPT, help="violations of each rule to tell (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="also write the verdict here")
    parsed = parser.parse_args(arguments)
    try:
        verdict = judge_directory(parsed.directory, parsed.first)
    except HistoryDamaged as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    tell(verdict, Console())
    if parsed.json:
        parsed.json.write_bytes(msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    return 0 if verdict.kept else 1


if __name__ == "__main__":
    sys.exit(main())
