"""The options of `nox -s load`: each is an environment variable, too (PARLEY_LOAD_USERS is --users)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, Final

from harness import targets

from .compare import THRESHOLD
from .scenarios import SCENARIOS, scenario_named
from .settings import Arrivals, Settings

PREFIX: Final = "PARLEY_LOAD_"
_EXAMPLES = """\
examples:
  nox -s load -- --scenario direct --users 50 --duration 60
  nox -s load -- --scenario group --size 50 --users 100 --rate 20 --poisson
  nox -s load -- --scenario ramp --users 40 --workers 2 --duration 300 --p99-limit 300
  nox -s load -- --scenario storm --users 500 --web 8089
  nox -s load -- --users 200 --compare build/load/before/summary.json

exit status: 0 all promises kept and all limits met, 1 not, 2 the run could not be made,
3 it cannot be compared with the older one, 130 given up
"""
_LOAD: Final[dict[str, tuple[type, str]]] = {
    "users": (int, "how many users"),
    "duration": (float, "seconds of sending"),
    "rate": (float, "an open workload: so many messages a second, however slow the answers are"),
    "think": (float, "a closed workload: the mean pause after an ack, in seconds"),
    "size": (int, "group: members of each group"),
    "messages": (int, "backlog: how many wait for each who was away"),
    "rounds": (int, "storm, backlog: how often"),
    "p99_limit": (float, "milliseconds from send to delivered, at p99: above it the run fails; ramp: 500"),
    "step": (float, "ramp: seconds of measuring at each rate"),
    "compress": (float, "soak: seconds of a user's day in each second"),
    "file_bytes": (int, "media: the size of each file"),
    "seed": (int, "of think times, texts and choices"),
    "patience": (float, "seconds to wait for what is not delivered after the last send"),
    "stragglers": (float, "seconds to wait for everybody to be connected before the first send"),
    "spawn_rate": (float, "users that come each second"),
}


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="nox -s load --",
        description="Loads a deployed stack with chat users, measures what they feel, judges what they saw.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [scenario.name for scenario in SCENARIOS]
    summaries = "; ".join(f"{scenario.name}: {scenario.summary}" for scenario in SCENARIOS)
    _add(parser, "--scenario", choices=names, default="direct", help=summaries)
    _add_load(parser.add_argument_group("the load"))
    _add_place(parser.add_argument_group("where"))
    _add_processes(parser.add_argument_group("which processes make it"))
    _add_result(parser.add_argument_group("what comes of it"))
    return parser


def settings_of(parsed: argparse.Namespace) -> Settings:
    """Return what the run is to do; HarnessError where the scenario does not go with it."""
    chosen = {name: getattr(parsed, name) for name in Settings.__struct_fields__ if hasattr(parsed, name)}
    settings = Settings(**chosen, arrivals=Arrivals.POISSON if parsed.poisson else Arrivals.CONSTANT)
    return scenario_named(settings.scenario).complete(settings)


def _add_load(group: argparse._ArgumentGroup) -> None:
    defaults = Settings(scenario="direct")
    for name, (kind, text) in _LOAD.items():
        default = getattr(defaults, name)
        shown = "" if default is None else f" (default: {default:g})"
        _add(group, f"--{name.replace('_', '-')}", type=kind, default=default, help=text + shown)
    group.add_argument(
        "--poisson", action="store_true", help="with --rate: at random distances instead of even ones"
    )


def _add_place(group: argparse._ArgumentGroup) -> None:
    _add(group, "--target", choices=targets.NAMES, default="embedded", help="where the stack runs")
    _add(group, "--stack", default=targets.DEFAULT_STACK, help="the stack's name (default: %(default)s)")
    _add(group, "--endpoint-url", help="where AWS's APIs answer, if not where the target says")
    _add(group, "--outputs", type=Path, help="a file with the outputs of a stack that stands")
    _add(group, "--budget", type=float, default=1.0, help="on AWS: dollars that a run may cost (default: 1)")
    group.add_argument("--i-know-the-cost", action="store_true", help="on AWS: run beyond the budget")


def _add_processes(group: argparse._ArgumentGroup) -> None:
    _add(
        group, "--workers", type=int, default=0, help="local worker processes (default: one process for all)"
    )
    _add(group, "--web", type=int, metavar="PORT", help="Locust's web UI on this port, which starts the run")
    _add(group, "--master", metavar="ADDRESS", help="wait here for workers of other machines")
    _add(group, "--remote-workers", type=int, default=1, help="with --master: how many (default: 1)")
    _add(group, "--worker", metavar="HOST", help="be a worker of the master there; all else is said there")
    _add(group, "--port", type=int, default=5557, help="the master's port (default: %(default)s)")


def _add_result(group: argparse._ArgumentGroup) -> None:
    _add(group, "--folder", type=Path, help="where history and report go (default: under build/load/)")
    _add(group, "--compare", type=Path, metavar="OLD.json", help="fail where this run is worse than that one")
    _add(group, "--threshold", type=float, default=THRESHOLD, help="how many times (default: %(default)s)")


def _add(group: argparse._ActionsContainer, option: str, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
    """Add an option whose default may be in the environment; argparse reads that as if it was typed."""
    variable = PREFIX + option.removeprefix("--").replace("-", "_").upper()
    if variable in os.environ:
        settings["default"] = os.environ[variable]
    group.add_argument(option, **settings)
