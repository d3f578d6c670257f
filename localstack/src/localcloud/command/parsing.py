"""What the parsers of the sub-commands have in common."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Callable

    Subparsers = _SubParsersAction[argparse.ArgumentParser]

DEFAULT_PORT = 4566
DEFAULT_DATA_DIRECTORY = Path(".localcloud")


def add_command(
    subparsers: Subparsers,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,  # noqa: A002 - argparse's name
    examples: str,
) -> argparse.ArgumentParser:
    """Add a sub-command.

    Args:
        subparsers: of the command that it belongs to.
        name: as it is typed.
        run: carries it out and gives the exit status; raises LocalcloudError with one clear sentence.
        help: what it does, in one line.
        examples: lines to type, each with what comes of it.
    """
    parser = subparsers.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def add_location(parser: argparse.ArgumentParser) -> None:
    """Add the options by which ``running.locate`` finds the localcloud that is meant."""
    parser.add_argument(
        "--port", type=int, help="of the localcloud that is meant; it says itself where its data are"
    )
    parser.add_argument(
        "--data-directory",
        type=Path,
        help=f"of the localcloud that is meant (default: {DEFAULT_DATA_DIRECTORY}, else port {DEFAULT_PORT})",
    )
