"""The stack on an emulator: the same bundle and parameters, and where a client finds the WebSocket API."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.template import transform
from harness.deploy import deploy_local
from harness.errors import HarnessError
from harness.outputs import stack_outputs
from harness.package import Bundle
from harness.parameters import parameters_file, read_parameters
from harness.targets import DEFAULT_STACK, Target, target_named

if TYPE_CHECKING:
    from pathlib import Path

    from bench.emulators import Emulator

_API_ID = re.compile(r"/_aws/execute-api/(?P<by_path>\w+)/|//(?P<by_host>\w+)\.execute-api\.")
_SPARED = {"Monitoring": "disabled", "Canary": "disabled"}
"""Bare MiniStack knows no composite alarm and none of metric math, and gives a WebSocket API no address that
a canary takes: neither emulator has them."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stack, deployed."""

    emulator: Emulator
    target: Target
    web_socket_url: str
    stack_name: str
    left_out: tuple[str, ...]
    """Which resources of which templates were left out."""

    @property
    def name(self) -> str:
        """The emulator's."""
        return self.emulator.name


def deploy(emulator: Emulator, bundle: Bundle, folder: Path, *, transformed: bool) -> Deployment:
    """Deploy a copy of the bundle that is made in the folder.

    Args:
        emulator: where to.
        bundle: the templates and functions.
        folder: where the copy goes.
        transformed: whether to leave out the types that bare MiniStack does not know.

    Raises:
        HarnessError: the deployment fails.
    """
    copy = Bundle(folder)
    shutil.copytree(bundle.folder, folder)
    left_out = transform(folder) if transformed else []
    target = target_named("embedded", endpoint_url=emulator.endpoint_url)
    parameters = {**read_parameters(parameters_file("dev")), **_SPARED}
    deploy_local(target, copy, DEFAULT_STACK, parameters)
    outputs = stack_outputs(target, DEFAULT_STACK)
    return Deployment(
        emulator,
        target,
        web_socket_url=web_socket_address(outputs["WebSocketUrl"], emulator.port),
        stack_name=DEFAULT_STACK,
        left_out=tuple(left_out),
    )


def web_socket_address(url: str, port: int) -> str:
    """The address at which both emulators answer a WebSocket API's stage, from any form they write it in.

    Raises:
        HarnessError: the address is not an API's.
    """
    found = _API_ID.search(url)
    if found is None:
        raise HarnessError(f"{url} is not the address of an API.")
    stage = url.rstrip("/").rpartition("/")[2]
    return f"ws://127.0.0.1:{port}/_aws/execute-api/{found['by_path'] or found['by_host']}/{stage}"
