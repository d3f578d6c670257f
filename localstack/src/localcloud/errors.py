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


def data_directory_in_use(data_directory: Path, process_id: int | None) -> LocalcloudError:
    """Another localcloud holds the data directory's lock."""
    return LocalcloudError(
        f"The data directory {data_directory} is in use by the localcloud with process id "
        f"{process_id or 'unknown'}: "
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


def quota_not_a_number(variable: str, text: str) -> LocalcloudError:
    """An environment variable that raises a quota of API Gateway's says something else."""
    return LocalcloudError(
        f"{variable} is {text!r}, which is no whole number above 0: correct it, or unset it for AWS's quota."
    )


def not_regions(variable: str, text: str) -> LocalcloudError:
    """An environment variable that names regions says something else."""
    return LocalcloudError(f"{variable} is {text!r}: name regions such as eu-west-1, separated by commas.")


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


def dynoxide_keeps_ending(times: int, exit_status: int) -> LocalcloudError:
    """Starting dynoxide again does not help."""
    return LocalcloudError(
        f"dynoxide, which holds the DynamoDB tables, ended {times} times in a minute, at last "
        f"with exit status {exit_status}: fetch it again with `npm ci` in localstack/; what it has is kept."
    )


def none_on_directory(data_directory: Path) -> LocalcloudError:
    """A command is about a localcloud that does not run."""
    return LocalcloudError(
        f"No localcloud runs on the data directory {data_directory}: "
        f"start one with `localcloud start --data-directory {data_directory}`."
    )


def no_data(data_directory: Path) -> LocalcloudError:
    """There is nothing to forget."""
    return LocalcloudError(
        f"There are no data of localcloud in {data_directory}: name its data directory with --data-directory."
    )


def none_on_port(endpoint_url: str) -> LocalcloudError:
    """A command is about a localcloud that does not run."""
    return LocalcloudError(
        f"No localcloud runs on {endpoint_url}: start one with `localcloud start`, "
        "or name another one's port with --port."
    )


def not_localcloud(endpoint_url: str) -> LocalcloudError:
    """Something answers on the port, but not as localcloud does."""
    return LocalcloudError(
        f"What answers on {endpoint_url} is not localcloud: name localcloud's port with --port."
    )


def silent(endpoint_url: str) -> LocalcloudError:
    """Something listens on the port and says nothing, or breaks off."""
    return LocalcloudError(
        f"What listens on {endpoint_url} does not answer: if it is localcloud and stays so, "
        "end it with `localcloud down`."
    )


def not_ready(seconds: float, log: Path) -> LocalcloudError:
    """It was started and says nothing."""
    return LocalcloudError(f"localcloud does not answer {seconds:.0f} s after its start: its log is {log}.")


def not_ours(process_id: int) -> LocalcloudError:
    """The process may not be signalled."""
    return LocalcloudError(
        f"The localcloud with process id {process_id} is another user's: it is theirs to stop."
    )


def confirmation_needed(data_directory: Path) -> LocalcloudError:
    """Data would be lost, and nobody is there to be asked."""
    return LocalcloudError(
        f"This would forget all data in {data_directory}, and there is no terminal to ask on: "
        "say --yes to do it."
    )
