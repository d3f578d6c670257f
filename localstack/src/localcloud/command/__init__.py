"""The command line, ``localcloud``: one file a sub-command."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from localcloud.command import down, faults, logs, reset, start, status
from localcloud.errors import LocalcloudError

if TYPE_CHECKING:
    from collections.abc import Callable

SUBCOMMANDS = (start, status, logs, faults, reset, down)
"""Modules with ``add_parser(subparsers)``, in the order in which --help lists them."""

_EXAMPLES = """\
examples:
  localcloud start --detach
      everything on http://127.0.0.1:4566, data under .localcloud; back when it is ready
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws dynamodb list-tables
      any AWS tool talks to it; the root credentials are test/test
  localcloud status
      what is deployed, connected and running, and what is made to fail on purpose
  localcloud down
      stop it; the data stay for the next start

A dashboard is at http://127.0.0.1:4566/_localcloud while it runs.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, 1 with one clear sentence, or 130 where it was interrupted."""
    parsed = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except LocalcloudError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BrokenPipeError:  # `localcloud logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="localcloud",
        description="An AWS for one laptop: one process, one port, loopback only.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for subcommand in SUBCOMMANDS:
        subcommand.add_parser(subparsers)
    return parser
