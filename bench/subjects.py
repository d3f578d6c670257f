"""What every scenario gets: both emulators with the stack deployed, how long to measure, whom to tell."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import emulators
from bench.deployment import deploy
from bench.tables import Tables
from harness.dependencies import HOST
from harness.package import package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.deployment import Deployment
    from harness.progress import Progress


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured."""

    rounds: int = 5
    seconds: float = 5.0
    """Of each round of a scenario that keeps sending."""
    storm: int = 1_000
    """Connections."""
    chats: int = 10_000
    messages: int = 50_000
    """In the one long chat."""

    def quick(self) -> Pace:
        """A tenth of everything: to see it work, not to judge by."""
        return Pace(min(self.rounds, 2), 1.0, self.storm // 10, self.chats // 10, self.messages // 10)


@dataclass(frozen=True, slots=True)
class Subject:
    """An emulator with the stack."""

    deployment: Deployment
    tables: Tables

    @property
    def name(self) -> str:
        """The emulator's name."""
        return self.deployment.emulator.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both subjects, running side by side; only one is measured at a time."""

    localcloud: Subject
    ministack: Subject
    pace: Pace
    folder: Path
    """For data of a scenario's own; it is gone after the run."""
    progress: Progress


@contextmanager
def localcloud(folder: Path) -> Iterator[Subject]:
    """Localcloud with the stack deployed."""
    with emulators.localcloud(folder / "data") as emulator:
        deployment = deploy(emulator, package(HOST), folder / "bundle", transformed=False)
        yield Subject(deployment, Tables.of(deployment))


@contextmanager
def ministack(folder: Path) -> Iterator[Subject]:
    """Bare MiniStack with the transformed stack deployed."""
    with emulators.ministack(folder / "data") as emulator:
        deployment = deploy(emulator, package(HOST), folder / "bundle", transformed=True)
        yield Subject(deployment, Tables.of(deployment))


@contextmanager
def compared(pace: Pace, folder: Path, progress: Progress) -> Iterator[Comparison]:
    """Start both, deploy to both, and say what bare MiniStack was spared."""
    with ExitStack() as stack:
        with progress.step("Starting localcloud and deploying"):
            ours = stack.enter_context(localcloud(folder / "localcloud"))
        with progress.step("Starting bare MiniStack and deploying"):
            theirs = stack.enter_context(ministack(folder / "ministack"))
        progress.say("Bare MiniStack does not know these, and works the same without them:")
        for left_out in theirs.deployment.left_out:
            progress.say(f"  {left_out}")
        yield Comparison(ours, theirs, pace, folder, progress)
