"""Asynchronous invocations over fakes: a clock, functions, a control plane and roles that a test decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.functions.asynchronous import AsynchronousInvocations, EventQueue
from localcloud.interfaces import Denied, Invocation, Request, Response
from tests.localcloud.functions.functions_fakes import until

if TYPE_CHECKING:
    from pathlib import Path


class FakeTime:
    """A clock that only sleepers move."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Be that much later."""
        self.slept.append(seconds)
        self.time += seconds


class FakeFunctions:
    """An execution plane that answers what it is told to, one answer an invocation, the last for ever."""

    def __init__(self, *answers: Invocation | Exception) -> None:
        self.answers = list(answers)
        self.invoked: list[tuple[str, bytes, str]] = []

    async def invoke(self, function: str, payload: bytes, request_id: str = "") -> Invocation:
        """The next answer."""
        self.invoked.append((function, payload, request_id))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeControlPlane:
    """A control plane that has one function's settings and remembers what it is sent."""

    account_id = "000000000000"
    region = "us-east-1"
    generation = 1

    def __init__(self, dead_letter: str = "", **event_invoke_config: Any) -> None:
        self.dead_letter = dead_letter
        self.config = event_invoke_config
        self.sent: list[tuple[str, Request]] = []

    async def call(self, service: str, request: Request) -> Response:
        """GetFunctionConfiguration, GetFunctionEventInvokeConfig, or something sent."""
        if service != "lambda":
            self.sent.append((service, request))
            return Response(200, (), b"{}")
        if request.path.endswith("/configuration"):
            target = {"DeadLetterConfig": {"TargetArn": self.dead_letter}} if self.dead_letter else {}
            return Response(200, (), json.dumps(target).encode())
        if not self.config or b"LATEST" not in request.query_string:
            return Response(404)
        return Response(200, (), json.dumps(self.config).encode())


class FakeRoles:
    """Roles that may do everything but what is forbidden."""

    def __init__(self, *forbidden: str) -> None:
        self.forbidden = forbidden

    def may(self, function_name: str, action: str, resource: str) -> Denied | None:
        """Whether nobody forbade it."""
        if action not in self.forbidden:
            return None
        return Denied("AccessDeniedException", f"{function_name} may not {action} on {resource}")


class Lambda:
    """Asynchronous invocations over fakes."""

    def __init__(self, path: Path, functions: FakeFunctions, control_plane: Any, roles: FakeRoles) -> None:
        self.time = FakeTime()
        self.functions = functions
        self.control_plane = control_plane
        self.queue = EventQueue(path)
        self.invocations = AsynchronousInvocations(
            functions, control_plane, roles, self.queue, self.time, 4, 60.0, self.time.sleep
        )

    async def run(self, payload: bytes = b'{"a":1}') -> str:
        """Accept one event and wait for its end; its request id."""
        await self.invocations.open()
        request_id = self.invocations.accept("greet", payload)
        await until(lambda: self.queue.events() == [])
        return request_id

    def messages(self) -> list[Any]:
        """The bodies of the SQS messages that were sent."""
        return [json.loads(request.body) for service, request in self.control_plane.sent if service == "sqs"]
