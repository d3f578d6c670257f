"""Says what a chat of so many users costs on AWS a month, and which quotas bind first."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path

import msgspec
from rich.console import Console

from loadtest.capacity.report import Capacity
from loadtest.capacity.workload import Invocation, Workload, WorkloadError

_EXAMPLES = """\
examples:
  nox -s capacity -- --users 1e6 --messages-per-day 40
  nox -s capacity -- --users 1e4 --group-share 0.8 --group-size 50 --json
  nox -s capacity -- --plots docs/images
"""


def parser() -> argparse.ArgumentParser:
    """The command line: an option for each number of the workload and of an invocation."""
    found = argparse.ArgumentParser(
        prog="nox -s capacity --",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for of in (Workload, Invocation):
        group = found.add_argument_group(of.__name__.lower())
        for field in fields(of):
            option = "--" + field.name.replace("_", "-")
            words = f"{field.metadata['meaning']} Default: {field.default:g}.".replace("%", "%%")
            group.add_argument(option, type=float, default=field.default, help=words, metavar="N")
    found.add_argument("--json", action="store_true", help="print JSON")
    found.add_argument(
        "--plots", type=Path, metavar="FOLDER", help="write plots over users and group size there instead"
    )
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parsed = parser().parse_args(arguments)
    try:
        workload = Workload(**{field.name: getattr(parsed, field.name) for field in fields(Workload)})
        invocation = Invocation(**{field.name: getattr(parsed, field.name) for field in fields(Invocation)})
    except WorkloadError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    if parsed.plots:
        from loadtest.capacity.plots import write_plots  # noqa: PLC0415 - matplotlib takes a second

        for path in write_plots(parsed.plots, workload):
            sys.stdout.write(f"{path}\n")
        return 0
    capacity = Capacity.of(workload, invocation)
    if parsed.json:
        content = msgspec.json.format(msgspec.json.encode(capacity.as_json()), indent=2)
        sys.stdout.write(content.decode() + "\n")
    else:
        capacity.show(Console(width=None if sys.stdout.isatty() else 160))
    return 0


if __name__ == "__main__":
    sys.exit(main())
