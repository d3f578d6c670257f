"""``localcloud start``: serve in the foreground, or have it served in the background."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.command.parsing import DEFAULT_DATA_DIRECTORY, DEFAULT_PORT, add_command

if TYPE_CHECKING:
    import argparse

    from localcloud.command.parsing import Subparsers

_EXAMPLES = """\
  localcloud start
      everything on http://127.0.0.1:4566, data under .localcloud, until Ctrl-C
  localcloud start --detach
      back when it is ready; `localcloud logs --follow` shows its functions' logs, `localcloud down` stops it
  localcloud start --port 4600 --data-directory /tmp/other
      a second one beside it

DYNOXIDE names another dynoxide binary than the one that npm fetched.
LOCALCLOUD_REQUESTS_PER_SECOND, LOCALCLOUD_REQUEST_BURST and LOCALCLOUD_CONNECTIONS_PER_SECOND stand in for
API Gateway's quotas of an account (10000, 5000 and 500), for a load that AWS would throttle.
LOCALCLOUD_OTHER_REGIONS=eu-west-1 serves another region beside us-east-1, or several, separated by commas.
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add ``start``."""
    parser = add_command(
        subparsers, "start", _run, help="serve AWS on a port of this machine", examples=_EXAMPLES
    )
    parser.add_argument(
        "--detach",
        action="store_true",
        help="return when it is ready, and leave it running in the background",
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="to listen on (default: %(default)s)")
    parser.add_argument(
        "--data-directory",
        type=Path,
        default=DEFAULT_DATA_DIRECTORY,
        help="where the data live, kept from start to start (default: %(default)s)",
    )
    parser.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="warning",
        help="the least severe of its own log lines (default: %(default)s)",
    )


def _run(arguments: argparse.Namespace) -> int:
    (_detach if arguments.detach else _serve)(arguments)
    return 0


def _serve(arguments: argparse.Namespace) -> None:
    # Compiling MiniStack takes longer than everything else at start: its bytecode is worth keeping even where
    # PYTHONDONTWRITEBYTECODE is set.
    sys.dont_write_bytecode = False
    from localcloud import server  # noqa: PLC0415 - after the line above, and not for the other commands
    from localcloud.settings import AccountQuotas, Settings, other_regions  # noqa: PLC0415

    configured = os.environ.get("DYNOXIDE")
    server.run(
        Settings(
            port=arguments.port,
            data_directory=arguments.data_directory.absolute(),  # functions run in directories of their own
            log_level=arguments.log_level,
            other_regions=other_regions(os.environ),
            quotas=AccountQuotas.from_environment(os.environ),
            dynoxide=Path(configured) if configured else None,
        )
    )


def _detach(arguments: argparse.Namespace) -> None:
    from localcloud import background  # noqa: PLC0415 - not for the foreground
    from localcloud.data_directory import DataDirectory  # noqa: PLC0415

    log = DataDirectory(arguments.data_directory).log
    started = background.start(arguments.port, arguments.data_directory, log, log_level=arguments.log_level)
    sys.stdout.write(
        f"localcloud is ready on {started.endpoint_url}, as process {started.process.pid}.\n"
        f"Its dashboard is {started.endpoint_url}/_localcloud, its own log is {log}; "
        "`localcloud down` stops it.\n"
    )
