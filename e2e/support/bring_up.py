"""Finding the stack under test, or bringing it up on a target of the run's own."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

from e2e.support.account import Account
from harness.deploy import deploy_local
from harness.local_files import LocalFiles
from harness.outputs import load_outputs, read_outputs
from harness.package import package
from harness.parameters import parameters_file, read_parameters
from harness.progress import Progress
from harness.state import read_running
from harness.targets import Target, target_named
from harness.up import Options, bring_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to clients: one of these stays free while its owner is down."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deployed stack the run is about, as the command line says it."""

    target_name: str
    stack_name: str
    endpoint_url: str | None = None
    outputs: Path | None = None


@contextmanager
def deployed(choice: Choice, folder: Path) -> Iterator[Account]:
    """Give the account with the deployed stack.

    A stack on AWS, at an address that was named, or in an outputs file stands already. A local target that is
    up for this checkout gets the stack as the checkout has it now. Where none is up, one is brought up in the
    folder, and nothing of it is left afterwards.
    """
    if choice.outputs is not None:
        outputs = load_outputs(choice.outputs)
        target = target_named(choice.target_name, endpoint_url=choice.endpoint_url or outputs.endpoint)
        yield Account(target, choice.stack_name, outputs)
    elif choice.target_name == "aws" or choice.endpoint_url is not None:
        target = target_named(choice.target_name, endpoint_url=choice.endpoint_url)
        yield Account(target, choice.stack_name, read_outputs(target, choice.stack_name))
    elif (running := read_running(LocalFiles().state)) and running.target == choice.target_name:
        target = target_named(choice.target_name, port=running.port)
        parameters = read_parameters(parameters_file("dev"))
        deploy_local(target, package(target.platform), choice.stack_name, parameters)
        yield Account(target, choice.stack_name, read_outputs(target, choice.stack_name))
    else:
        with brought_up(
            target_named(choice.target_name, port=free_port()), choice.stack_name, folder
        ) as account:
            yield account


@contextmanager
def brought_up(target: Target, stack_name: str, folder: Path) -> Iterator[Account]:
    """Have a target and the stack up, on what data there are in the folder, as long as the block lasts."""
    up = bring_up(Options(target, stack_name, files=LocalFiles(folder)), Progress())
    try:
        yield Account(target, stack_name, up.outputs)
    finally:
        up.stop()


def free_port() -> int:
    """Give a port that nobody listens on at this moment."""
    for port in SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"every port from {_PORTS.start} to {_PORTS.stop} is taken")
