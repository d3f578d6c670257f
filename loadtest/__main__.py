"""The command line: `nox -s load --`."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from harness import paths
from harness.errors import HarnessError
from harness.progress import Progress
from parley_client.errors import ParleyError

from .budget import refuse_expensive
from .conclude import conclude
from .options import make_parser, settings_of
from .processes import PASSWORD, Processes
from .run import Cluster, folder_name, run
from .stack import Choice

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the options' help says what its exit status means."""
    parsed = make_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _work(parsed) if parsed.worker else _load(parsed)
    except (HarnessError, ParleyError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except (BotoCoreError, ClientError) as fault:
        sys.stderr.write(f"AWS refuses, or does not answer: {fault}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130


def _load(parsed: argparse.Namespace) -> int:
    settings = settings_of(parsed)
    progress = Progress()
    if parsed.master:
        _refuse_without_password()
    if parsed.target == "aws":
        refuse_expensive(settings, parsed.budget, progress, agreed=parsed.i_know_the_cost)
    folder: Path = parsed.folder or paths.BUILD / "load" / folder_name(settings)
    choice = Choice(parsed.target, parsed.stack, parsed.endpoint_url, parsed.outputs)
    outcome = run(settings, choice, _cluster(parsed), folder, progress)
    if outcome is None:
        raise HarnessError(
            f"The run did not come to its end: {paths.within_root(folder)} has what it recorded."
        )
    if parsed.master:
        progress.say(
            "Workers on other machines keep their history there: copy it into this folder, and "
            f"`python -m loadtest.report {paths.within_root(folder)} --again` judges all of it."
        )
    return conclude(folder, outcome, settings, parsed.compare, parsed.threshold)


def _cluster(parsed: argparse.Namespace) -> Cluster:
    if not parsed.master:
        return Cluster(workers=parsed.workers, web=parsed.web)
    return Cluster(
        workers=parsed.workers,
        bind=parsed.master,
        port=parsed.port,
        remote_workers=parsed.remote_workers,
        web=parsed.web,
    )


def _refuse_without_password() -> None:
    if not os.environ.get(PASSWORD):
        raise HarnessError(
            f"Set {PASSWORD} to the same password for master and workers: all users of the run have it."
        )


def _work(parsed: argparse.Namespace) -> int:
    """Be a worker of a master on another machine."""
    _refuse_without_password()
    folder: Path = parsed.folder or paths.BUILD / "load" / "worker"
    folder.mkdir(parents=True, exist_ok=True)
    processes = Processes(folder, os.environ[PASSWORD])
    processes.start("worker", "--host", parsed.worker, "--port", str(parsed.port))
    return processes.conduct()


if __name__ == "__main__":
    sys.exit(main())
