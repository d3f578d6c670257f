"""``localcloud status``: what runs, and what is made to fail; tables on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from localcloud.command.parsing import add_command, add_location
from localcloud.command.running import locate
from localcloud.control.client import ask_status

if TYPE_CHECKING:
    import argparse

    from localcloud.command.parsing import Subparsers

_EXAMPLES = """\
  localcloud status
      of the one whose data are under .localcloud, else of the one on port 4566
  localcloud status --port 4600
      of another one
  localcloud status --json | jq '.functions[] | select(.errors > 0)'
      for programs: all that the dashboard shows
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``status``."""
    parser = add_command(
        subparsers,
        "status",
        _run,
        help="show what is deployed, connected and running, and what is made to fail on purpose",
        examples=_EXAMPLES,
    )
    parser.add_argument("--json", action="store_true", help="write everything, for programs")
    add_location(parser)


def _run(arguments: argparse.Namespace) -> int:
    status = ask_status(locate(arguments).endpoint_url)
    if arguments.json:
        sys.stdout.buffer.write(msgspec.json.encode(status) + b"\n")
        return 0
    from localcloud.command.status_text import print_status  # noqa: PLC0415 - rich, only where it is wanted

    print_status(status)
    return 0
