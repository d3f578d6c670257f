"""The stack that a run is about: one that stands, or one brought up for the run alone."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.local_files import LocalFiles
from harness.outputs import Outputs, load_outputs, read_outputs
from harness.state import read_running
from harness.targets import Target, target_named
from harness.up import Options, bring_up

from .processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.progress import Progress


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deployed stack the run is about, as the command line says it."""

    target_name: str
    stack_name: str
    endpoint_url: str | None = None
    outputs: Path | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack."""

    target: Target
    outputs: Outputs
    passing: bool
    """Whether it, and all that is in it, is gone after the run."""


@contextmanager
def deployed(choice: Choice, progress: Progress) -> Iterator[Stack]:
    """Give the deployed stack.

    A stack on AWS, at an address that was named, in an outputs file, or up for this checkout is taken as it
    is. Where none is up, one is brought up in a folder of its own, and nothing of it is left afterwards.

    Raises:
        HarnessError: there is none, and none can be brought up.
    """
    if choice.outputs is not None:
        outputs = load_outputs(choice.outputs)
        target = target_named(choice.target_name, endpoint_url=choice.endpoint_url or outputs.endpoint)
        yield Stack(target, outputs, passing=False)
    elif choice.target_name == "aws" or choice.endpoint_url is not None:
        target = target_named(choice.target_name, endpoint_url=choice.endpoint_url)
        yield Stack(target, read_outputs(target, choice.stack_name), passing=False)
    elif (running := read_running(LocalFiles().state)) and running.target == choice.target_name:
        target = target_named(choice.target_name, port=running.port)
        yield Stack(target, read_outputs(target, choice.stack_name), passing=False)
    else:
        with tempfile.TemporaryDirectory(prefix="parley-load-") as folder:
            target = target_named(choice.target_name, port=free_port())
            up = bring_up(Options(target, choice.stack_name, files=LocalFiles(Path(folder))), progress)
            try:
                yield Stack(target, up.outputs, passing=True)
            finally:
                up.stop()
