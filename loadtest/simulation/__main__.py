"""Simulates reconnect storms and bursts of messages on AWS, and compares a storm with real clients."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console

from loadtest.simulation import measure, report
from loadtest.simulation.burst import Burst, Load
from loadtest.simulation.measured import load_measured
from loadtest.simulation.storm import BATCHES, Gateway, Storm
from loadtest.simulation.validation import compare

if TYPE_CHECKING:
    from rich.table import Table

_EXAMPLES = """\
examples:
  nox -s simulate -- storm --users 1e5
  nox -s simulate -- storm --users 1e7 --connects 20000 --requests 100000 --concurrency 20000
  nox -s simulate -- burst --usual 500 --burst 5000
  nox -s simulate -- validate
  nox -s simulate -- measure --clients 100 --connects-per-second 4 --file build/storm.json
  nox -s simulate -- plots docs/images
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(
        prog="nox -s simulate --",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seed", type=int, default=1, help="of every random delay (default: %(default)s)")
    common.add_argument("--json", action="store_true", help="print JSON")
    quotas = argparse.ArgumentParser(add_help=False)
    default = Gateway()
    quotas.add_argument("--connects", type=float, default=default.connects, help="a second (%(default)g)")
    quotas.add_argument("--requests", type=float, default=default.requests, help="a second (%(default)g)")
    quotas.add_argument("--concurrency", type=float, help="of all functions (default: AWS's quota)")
    kinds = found.add_subparsers(dest="kind", required=True)
    storm = kinds.add_parser("storm", parents=[common, quotas], help="everybody comes back at once")
    storm.add_argument("--users", type=float, default=1e5)
    storm.add_argument("--batches", type=int, default=BATCHES, help="of users who act alike (%(default)s)")
    storm.add_argument("--keep-tickets", action="store_true", help="as parley_client does; browsers cannot")
    burst = kinds.add_parser("burst", parents=[common, quotas], help="many messages for a while")
    burst.add_argument("--usual", type=float, default=500, help="messages a second (%(default)g)")
    burst.add_argument("--burst", type=float, default=5_000, help="messages a second (%(default)g)")
    kinds.add_parser("validate", parents=[common], help="beside what real clients did")
    measuring = kinds.add_parser(
        "measure",
        help="storms of real clients on the running stack",
        description=measure.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    measure.add_arguments(measuring)
    plots = kinds.add_parser("plots", parents=[common], help="write the plots of docs/scale.md: minutes")
    plots.add_argument("folder", type=Path)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parsed = parser().parse_args(arguments)
    if parsed.kind == "measure":
        return measure.measure(parsed)
    if parsed.kind == "plots":
        from loadtest.simulation.plots import write_plots  # noqa: PLC0415 - matplotlib takes a second

        for path in write_plots(parsed.folder, parsed.seed):
            sys.stdout.write(f"{path}\n")
        return 0
    figures, table = _simulated(parsed)
    if parsed.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(figures), indent=2).decode() + "\n")
    else:
        Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


def _simulated(parsed: argparse.Namespace) -> tuple[Any, Table]:
    """What was asked for, as values and as a table."""
    if parsed.kind == "validate":
        comparisons = compare(load_measured())
        return [{**asdict(one), "error": one.error} for one in comparisons], report.comparison_table(
            comparisons
        )
    gateway = Gateway(connects=parsed.connects, requests=parsed.requests, request_burst=parsed.requests / 2)
    if parsed.kind == "burst":
        load = Load(usual=parsed.usual, burst=parsed.burst)
        burst = Burst(load, seed=parsed.seed, gateway=gateway, concurrency=parsed.concurrency).run()
        return report.burst_figures(burst), report.burst_table(burst)
    storm = Storm(
        int(parsed.users),
        seed=parsed.seed,
        gateway=gateway,
        concurrency=parsed.concurrency,
        batches=parsed.batches,
        keep_tickets=parsed.keep_tickets,
    )
    outcome = storm.run()
    return report.storm_figures(outcome), report.storm_table(outcome)


if __name__ == "__main__":
    sys.exit(main())
