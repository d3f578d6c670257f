"""``localcloud down``: stop what runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from localcloud import background
from localcloud.command.parsing import add_command, add_location
from localcloud.command.running import find_process

if TYPE_CHECKING:
    import argparse

    from localcloud.command.parsing import Subparsers

_EXAMPLES = """\
  localcloud down
      the data stay for the next start
  localcloud down --clean
      all data are forgotten
  localcloud down --port 4600
      another one than the one whose data are under .localcloud
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``down``."""
    parser = add_command(
        subparsers, "down", _run, help="stop localcloud, wherever it was started", examples=_EXAMPLES
    )
    parser.add_argument("--clean", action="store_true", help="forget its data as well")
    add_location(parser)


def _run(arguments: argparse.Namespace) -> int:
    data, holder = find_process(arguments)
    background.end(data, holder.process_id)
    if arguments.clean:
        data.forget()
    kept = "forgotten" if arguments.clean else "kept for the next start"
    sys.stdout.write(f"localcloud is down; the data in {data.path} are {kept}.\n")
    return 0
