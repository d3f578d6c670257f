"""The command line, `nox -s load --`; each option is an environment variable, too: PARLEY_LOAD_USERS."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from harness import paths, targets
from harness.errors import HarnessError
from harness.progress import Progress
from parley_client.errors import ParleyError

from .run import Cluster, folder_name, run
from .scenarios import SCENARIOS, scenario_named
from .settings import Arrivals, Settings
from .stack import Choice
from .verdict import judge_directory
from .verdict.telling import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .outcome import Outcome

PREFIX: Final = "PARLEY_LOAD_"
_EXAMPLES = """\
examples:
  nox -s load -- --scenario direct --users 50 --duration 60
  nox -s load -- --scenario group --size 50 --users 100 --rate 20 --poisson
  nox -s load -- --scenario ramp --users 40 --workers 2 --p99-limit 300
  nox -s load -- --scenario storm --users 500 --web 8089

exit status: 0 all promises kept and all limits met, 1 not, 2 the run could not be made
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = _settings(parsed)
    except HarnessError as fault:
        parser.error(str(fault))
    folder: Path = parsed.folder or paths.BUILD / "load" / folder_name(settings)
    choice = Choice(parsed.target, parsed.stack, parsed.endpoint_url, parsed.outputs)
    cluster = Cluster(workers=parsed.workers, web=parsed.web)
    try:
        outcome = run(settings, choice, cluster, folder, Progress())
    except (HarnessError, ParleyError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except (BotoCoreError, ClientError) as fault:
        sys.stderr.write(f"AWS refuses, or does not answer: {fault}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    return _judge(folder, outcome)


def _judge(folder: Path, outcome: Outcome | None) -> int:
    if outcome is None:
        sys.stderr.write(
            f"The run did not come to its end: {paths.within_root(folder)} has what it recorded.\n"
        )
        return 2
    if outcome.failure:
        sys.stderr.write(f"{outcome.failure}\n")
    verdict = judge_directory(folder)
    tell(verdict, Console())
    return 0 if verdict.kept and not outcome.failure else 1


def _settings(parsed: argparse.Namespace) -> Settings:
    chosen = {name: getattr(parsed, name) for name in Settings.__struct_fields__ if hasattr(parsed, name)}
    settings = Settings(**chosen, arrivals=Arrivals.POISSON if parsed.poisson else Arrivals.CONSTANT)
    return scenario_named(settings.scenario).complete(settings)


def _parser() -> argparse.ArgumentParser:
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
    return parser


def _add_load(group: argparse._ArgumentGroup) -> None:
    defaults = Settings(scenario="direct")
    texts: dict[str, tuple[type, str]] = {
        "users": (int, "how many users"),
        "duration": (float, "seconds of sending"),
        "rate": (float, "an open workload: so many messages a second, however slow the answers are"),
        "think": (float, "a closed workload: the mean pause after an ack, in seconds"),
        "size": (int, "group: members of each group"),
        "messages": (int, "backlog: how many wait for each who was away"),
        "rounds": (int, "storm, backlog: how often"),
        "p99_limit": (
            float,
            "milliseconds from send to delivered, at p99: above it the run fails; ramp: 500",
        ),
        "step": (float, "ramp: seconds of measuring at each rate"),
        "compress": (float, "soak: seconds of a user's day in each second"),
        "file_bytes": (int, "media: the size of each file"),
        "seed": (int, "of think times, texts and choices"),
        "patience": (float, "seconds to wait for what is not delivered after the last send"),
        "stragglers": (float, "seconds to wait for everybody to be connected before the first send"),
        "spawn_rate": (float, "users that come each second"),
    }
    for name, (kind, text) in texts.items():
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
    _add(
        group, "--folder", type=Path, help="where the history and the report go (default: under build/load/)"
    )
    _add(
        group, "--workers", type=int, default=0, help="local worker processes (default: one process for all)"
    )
    _add(group, "--web", type=int, metavar="PORT", help="Locust's web UI on this port, which starts the run")


def _add(group: argparse._ActionsContainer, option: str, **settings: object) -> None:
    """Add an option whose default may be in the environment."""
    variable = PREFIX + option.removeprefix("--").replace("-", "_").upper()
    if variable in os.environ:
        settings["default"] = os.environ[variable]  # argparse converts a text as if it was typed
    group.add_argument(option, **settings)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
