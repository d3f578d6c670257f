"""``localcloud reset``: forget all data, and go on empty if it ran."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from localcloud import background, errors
from localcloud.command.parsing import add_command, add_location
from localcloud.command.running import find_data

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from localcloud.command.parsing import Subparsers

_EXAMPLES = """\
  localcloud reset
      asks first; then it is stopped, its data are removed, and it is started again in the background
  localcloud reset --yes --data-directory build/aws
      does not ask; where nothing runs on the directory, its data are removed and nothing is started
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``reset``."""
    parser = add_command(
        subparsers, "reset", _run, help="forget all data, and start again if it runs", examples=_EXAMPLES
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_location(parser)


def _run(arguments: argparse.Namespace) -> int:
    data, holder = find_data(arguments)
    if not (arguments.yes or _agreed(data.path)):
        sys.stdout.write("Nothing was done.\n")
        return 1
    # What runs holds parts of its data in memory, so only an end and a start make certainly an empty one.
    if holder is not None:
        background.end(data, holder.process_id)
    data.forget()
    if holder is None:
        sys.stdout.write(f"The data in {data.path} are forgotten; nothing ran on them.\n")
        return 0
    started = background.start(holder.port, data.path, data.log)
    sys.stdout.write(
        f"The data in {data.path} are forgotten; localcloud is ready on {started.endpoint_url} again, "
        f"as process {started.process.pid}, in the background.\n"
    )
    return 0


def _agreed(data_directory: Path) -> bool:
    if not sys.stdin.isatty():
        raise errors.confirmation_needed(data_directory)
    return input(f"Forget all data in {data_directory}? [y/N] ").strip().lower() in {"y", "yes"}
