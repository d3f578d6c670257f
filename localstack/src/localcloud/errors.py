"""The catalogue of what stops localcloud: each one clear sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LocalcloudError(Exception):
    """localcloud cannot start or go on; the text is for the person at the terminal."""

    exit_code = 1


def port_taken(host: str, port: int) -> LocalcloudError:
    """Something else listens on the port."""
    return LocalcloudError(
        f"Port {port} on {host} is taken by another program: "
        "stop that program, or choose another port with --port."
    )


def port_forbidden(host: str, port: int) -> LocalcloudError:
    """The system does not let this user listen on the port."""
    return LocalcloudError(
        f"This user may not listen on {host}:{port}: choose a port above 1023 with --port."
    )


def data_directory_in_use(data_directory: Path, process_id: str) -> LocalcloudError:
    """Another localcloud holds the data directory's lock."""
    return LocalcloudError(
        f"The data directory {data_directory} is in use by the localcloud with process id {process_id}: "
        "stop that one, or choose another directory with --data-directory."
    )


def data_directory_unusable(data_directory: Path, reason: str) -> LocalcloudError:
    """The data directory cannot be made or written."""
    return LocalcloudError(
        f"The data directory {data_directory} cannot be used ({reason}): "
        "choose another with --data-directory."
    )


def data_corrupt(path: Path, reason: str) -> LocalcloudError:
    """What is in the data directory cannot be read back."""
    return LocalcloudError(
        f"The saved data in {path} is corrupt ({reason}): "
        f"delete the data directory {path.parent} to start empty."
    )


def dynoxide_missing(binary: Path) -> LocalcloudError:
    """The binary that the settings name is not there."""
    return LocalcloudError(
        f"There is no dynoxide at {binary}: "
        "correct DYNOXIDE, or unset it to use the one that `npm ci` fetches."
    )


def dynoxide_unusable(binary: Path, reason: str) -> LocalcloudError:
    """The binary cannot be run."""
    return LocalcloudError(
        f"dynoxide at {binary} cannot be run ({reason}): fetch it again with `npm ci` in localstack/."
    )


def dynoxide_failed(database: Path, reason: str) -> LocalcloudError:
    """The dynoxide process ended before it answered."""
    return LocalcloudError(
        f"dynoxide cannot open the tables in {database} ({reason}): "
        f"delete the data directory {database.parent} to start empty."
    )


def dynoxide_died(exit_status: int) -> LocalcloudError:
    """The dynoxide process ended while localcloud was serving."""
    return LocalcloudError(
        f"dynoxide, which holds the DynamoDB tables, ended unexpectedly (exit status {exit_status}): "
        "start localcloud again; every acknowledged write is kept."
    )
