"""Finding the localcloud that a command is about: by its port, or by its data directory's lock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import errors
from localcloud.command.parsing import DEFAULT_DATA_DIRECTORY, DEFAULT_PORT
from localcloud.control.client import ask_health
from localcloud.data_directory import DataDirectory, Holder

if TYPE_CHECKING:
    import argparse

    from localcloud.control.health import Health


@dataclass(frozen=True, slots=True)
class Located:
    """A localcloud that answers."""

    endpoint_url: str
    health: Health


def locate(arguments: argparse.Namespace) -> Located:
    """The running localcloud that ``add_location``'s options mean.

    Raises:
        LocalcloudError: none runs there, or what answers there is something else.
    """
    port: int | None = arguments.port
    if port is None:
        _data, holder = _on_directory(arguments)
        port = DEFAULT_PORT if holder is None else holder.port
    endpoint_url = f"http://127.0.0.1:{port}"
    return Located(endpoint_url, ask_health(endpoint_url))


def find_process(arguments: argparse.Namespace) -> tuple[DataDirectory, Holder]:
    """The process of that localcloud and its data directory; one that holds its directory need not answer.

    Raises:
        LocalcloudError: none runs there, or what answers there is something else.
    """
    if arguments.port is None:
        data, holder = _on_directory(arguments)
        if holder is not None:
            return data, holder
    located = locate(arguments)
    port = int(located.endpoint_url.rpartition(":")[2])
    return DataDirectory(Path(located.health.data_directory)), Holder(located.health.process_id, port)


def find_data(arguments: argparse.Namespace) -> tuple[DataDirectory, Holder | None]:
    """The data directory that is meant and what runs on it, None where nothing does.

    Raises:
        LocalcloudError: none runs on the port that was named; there are no data in the directory.
    """
    named: Path | None = arguments.data_directory
    data = DataDirectory(named or DEFAULT_DATA_DIRECTORY)
    if arguments.port is None and data.is_used():
        return data, data.holder()
    if arguments.port is None and named is not None:
        raise errors.no_data(named)
    return find_process(arguments)


def _on_directory(arguments: argparse.Namespace) -> tuple[DataDirectory, Holder | None]:
    """The data directory and what runs on it; None only where no directory was named."""
    named: Path | None = arguments.data_directory
    data = DataDirectory(named or DEFAULT_DATA_DIRECTORY)
    holder = data.holder()
    if holder is None and named is not None:
        raise errors.none_on_directory(named)
    return data, holder
