"""``localcloud logs``: what the functions log, the last lines and, with --follow, those to come."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from localcloud.command.parsing import add_command, add_location
from localcloud.command.running import locate
from localcloud.control.client import ask_status

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from localcloud.command.parsing import Subparsers
    from localcloud.control.statistics import Line

_POLL_SECONDS = 0.5
_FUNCTIONS = "/aws/lambda/"
_EXAMPLES = """\
  localcloud logs
      the last lines of every function, since localcloud was started
  localcloud logs --follow my-stack-Echo
      those of one function, and each line to come until Ctrl-C
  localcloud logs /my/log/group
      those of a log group of another name

`aws logs tail` has all that was ever logged.
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``logs``."""
    parser = add_command(subparsers, "logs", _run, help="show what the functions log", examples=_EXAMPLES)
    parser.add_argument("source", nargs="?", metavar="GROUP-OR-FUNCTION", help="whose lines (default: all)")
    parser.add_argument("--follow", "-f", action="store_true", help="go on with each line to come")
    add_location(parser)


def _run(arguments: argparse.Namespace) -> int:
    endpoint_url = locate(arguments).endpoint_url
    last = 0
    while True:
        logs = ask_status(endpoint_url, logs_after=last).logs
        _write(line for line in logs.lines if arguments.source in {None, line.source, _function(line.source)})
        if not arguments.follow:
            return 0
        last = logs.last
        time.sleep(_POLL_SECONDS)


def _write(lines: Iterable[Line]) -> None:
    for line in lines:
        at = datetime.fromtimestamp(line.at / 1000, UTC).astimezone()
        sys.stdout.write(f"{at:%H:%M:%S}.{line.at % 1000:03} {_function(line.source)}  {line.text}\n")
    sys.stdout.flush()


def _function(group: str) -> str:
    """The function of a log group; the group itself where it is no function's own."""
    return group.removeprefix(_FUNCTIONS)
