"""The command line: ``python -m localcloud start``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

_EXAMPLES = """\
examples:
  python -m localcloud start
      everything on http://127.0.0.1:4566, data under .localcloud
  python -m localcloud start --port 4600 --data-directory /tmp/other
      a second one beside it
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws dynamodb list-tables
      any AWS tool talks to it; the root credentials are test/test
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    # Compiling MiniStack takes longer than everything else at start: its bytecode is worth keeping even where
    # PYTHONDONTWRITEBYTECODE is set.
    sys.dont_write_bytecode = False
    from localcloud import server  # noqa: PLC0415 - after the line above, and not for --help
    from localcloud.errors import LocalcloudError  # noqa: PLC0415
    from localcloud.settings import Settings  # noqa: PLC0415

    configured = os.environ.get("DYNOXIDE")
    settings = Settings(
        port=parsed.port,
        data_directory=parsed.data_directory,
        log_level=parsed.log_level,
        dynoxide=Path(configured) if configured else None,
    )
    try:
        server.run(settings)
    except LocalcloudError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m localcloud",
        description="An AWS for one laptop: one process, one port, loopback only.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    start = parser.add_subparsers(required=True, metavar="command").add_parser(
        "start",
        help="serve in the foreground until Ctrl-C",
        epilog="DYNOXIDE names another dynoxide binary than the one that `npm ci` fetched.",
    )
    start.add_argument("--port", type=int, default=4566, help="the port to listen on (default: %(default)s)")
    start.add_argument(
        "--data-directory",
        type=Path,
        default=Path(".localcloud"),
        help="where the data lives, kept from start to start (default: %(default)s)",
    )
    start.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="warning",
        help="the least severe log lines on stderr (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
