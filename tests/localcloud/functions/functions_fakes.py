"""Fakes at the execution plane's interfaces: a control plane that holds zips; and makers of deployments."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import time
import zipfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.functions import ExecutionPlane
from localcloud.functions.catalog import Function
from localcloud.interfaces import Credentials, NoFaults, Response
from localcloud.observations import Observations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from localcloud.interfaces import ControlPlane, Denied, Faults, Request


def package(files: Mapping[str, str | bytes]) -> bytes:
    """A deployment package with these contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def returning(value: str) -> str:
    """The code of a handler that returns ``value``."""
    return f"def handler(event, context):\n    return {value!r}\n"


def arn(name: str) -> str:
    """The ARN of a function."""
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def function(name: str = "greet", code_sha256: str = "", reserved_concurrency: int | None = None) -> Function:
    """A function of which only what a test is about differs."""
    return Function(
        name=name,
        arn=arn(name),
        version="$LATEST",
        runtime="python3.13",
        handler="main.handler",
        code_sha256=code_sha256,
        timeout_seconds=3,
        memory_megabytes=128,
        log_group=f"/aws/lambda/{name}",
        log_format="Text",
        application_log_level="",
        system_log_level="INFO",
        variables={},
        layers=(),
        reserved_concurrency=reserved_concurrency,
    )


@asynccontextmanager
async def execution_plane(
    control_plane: ControlPlane,
    directory: Path,
    observations: Observations | None = None,
    faults: Faults | None = None,
) -> AsyncIterator[ExecutionPlane]:
    """An execution plane over the control plane, with four environments a function."""
    plane = ExecutionPlane(
        control_plane,
        RealClock(),
        directory / "work",
        "http://127.0.0.1:4566",
        4,
        observations or Observations(),
        faults or NoFaults(),
    )
    yield plane
    await plane.close()


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    return state(pid) not in {"", "Z"}


def state(pid: int) -> str:
    """The state of a process as the kernel names it: T is stopped, Z ended; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Poll until ``condition`` holds; TimeoutError after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions of the system, which set no events
            await asyncio.sleep(0.002)


class RealClock:
    """The system's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()


class FakeControlPlane:
    """A control plane of which only Lambda and CloudWatch Logs are there."""

    account_id = "000000000000"
    region = "us-east-1"

    def __init__(self) -> None:
        self.generation = 0
        self.calls: list[Request] = []
        self.logged: list[tuple[str, str, int, str]] = []
        self._functions: dict[str, tuple[bytes, dict[str, object]]] = {}
        self._layers: dict[str, bytes] = {}

    def deploy(self, name: str, code: str | bytes, reserved: int | None = None, **configuration: Any) -> None:
        """Deploy a function whose package is ``code``, or has it as ``main.py`` with a ``handler``."""
        zipped = code if isinstance(code, bytes) else package({"main.py": code})
        answer: dict[str, object] = {
            "Configuration": {
                "FunctionName": name,
                "FunctionArn": arn(name),
                "Runtime": "python3.13",
                "Handler": "main.handler",
                "CodeSha256": base64.b64encode(hashlib.sha256(zipped).digest()).decode(),
                **configuration,
            }
        }
        if reserved is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
        self._functions[name] = zipped, answer
        self.generation += 1

    def publish_layer(self, layer_version_arn: str, files: Mapping[str, str | bytes]) -> None:
        """Publish a layer version."""
        self._layers[layer_version_arn] = package(files)
        self.generation += 1

    def lines(self, name: str) -> list[str]:
        """What CloudWatch Logs holds of a function, in order."""
        return [text for group, _stream, _timestamp, text in self.logged if group == f"/aws/lambda/{name}"]

    async def call(self, service: str, request: Request) -> Response:
        """GetFunction."""
        assert service == "lambda"
        self.calls.append(request)
        name = request.path.removeprefix("/2015-03-31/functions/")
        if name not in self._functions or request.query_string:
            return Response(404)
        return Response(200, (), json.dumps(self._functions[name][1]).encode())

    def authorize(self, request: Request, service: str, action: str, resource: str) -> Denied | None:
        """Nothing is refused."""

    def function_code(self, function_name: str, version: str = "$LATEST") -> bytes:
        """The deployed zip."""
        assert version == "$LATEST"
        return self._functions[function_name][0]

    def layer_code(self, layer_version_arn: str) -> bytes:
        """The published zip."""
        return self._layers[layer_version_arn]

    def role_credentials(self, function_name: str) -> Credentials:
        """Credentials that name the function."""
        return Credentials(f"AKIA-{function_name}", "secret", "token")

    def append_logs(
        self,
        group: str,
        stream: str,
        events: Sequence[tuple[int, str]],
        function_name: str = "",  # noqa: ARG002 - the protocol's
    ) -> None:
        """Keep them."""
        self.logged += [(group, stream, timestamp, text) for timestamp, text in events]

    def caller(self, access_key_id: str) -> None:
        """Nobody signs anything here."""

    def may_invoke(self, service: str, function: str, source_arn: str) -> bool:
        """Nothing here asks before it invokes."""
        raise AssertionError(f"{service} asks for {function} on behalf of {source_arn}.")

    async def jwks(self, issuer: str) -> None:
        """There is no Cognito."""
