"""One run from end to end: stack, users, Locust's processes, verdict, report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from harness.users import UserPool

from .outcome import OUTCOME, Outcome, read_outcome
from .population import Plan
from .preparation import Preparation
from .processes import Processes, free_port
from .stack import deployed

if TYPE_CHECKING:
    from pathlib import Path

    from harness.progress import Progress

    from .settings import Settings
    from .stack import Choice


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which processes make the load."""

    workers: int = 0
    """Local worker processes beside a master; 0: one process does everything."""
    bind: str | None = None
    """The address at which a master waits for workers of other machines; None: there are none."""
    port: int | None = None
    remote_workers: int = 0
    web: int | None = None
    """The port of Locust's web UI, which then starts the run."""


def run(
    settings: Settings, choice: Choice, cluster: Cluster, folder: Path, progress: Progress
) -> Outcome | None:
    """Make the load and record it in the folder; None where the conductor did not come to an outcome.

    Raises:
        HarnessError: there is no stack to run against.
        ParleyError: the stack refuses what the run needs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with deployed(choice, progress) as stack:
        preparation = Preparation(UserPool.of(stack.target, stack.outputs), stack.outputs, settings)
        try:
            with progress.step(f"Making {settings.users} users and their chats"):
                population = preparation.populate()
            plan = Plan(settings, stack.outputs, population)
            _perform(plan, cluster, folder, preparation.password)
            with progress.step("Reading all chats back"):
                unread = preparation.read_back(plan, folder)
        finally:
            if not stack.passing:
                preparation.remove()
    outcome = read_outcome(folder / OUTCOME)
    return outcome and outcome.without(unread)


def _perform(plan: Plan, cluster: Cluster, folder: Path, password: str) -> None:
    path = folder / "plan.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n")
    processes = Processes(folder, password)
    web = [] if cluster.web is None else ["--web", str(cluster.web)]
    workers = cluster.workers + cluster.remote_workers
    if workers == 0:
        processes.start("local", "--plan", str(path), *web)
    else:
        port = str(cluster.port or free_port())
        where = ["--host", cluster.bind or "127.0.0.1", "--port", port]
        processes.start("master", "--plan", str(path), "--workers", str(workers), *where, *web)
        for _ in range(cluster.workers):
            processes.start("worker", "--host", "127.0.0.1", "--port", port)
    processes.conduct()


def folder_name(settings: Settings) -> str:
    """Name the folder of a run that begins now."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{settings.scenario}"
