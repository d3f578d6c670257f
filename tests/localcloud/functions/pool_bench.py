"""A pool of environments whose every step a test decides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localcloud.functions.concurrency import Concurrency
from localcloud.functions.environment import InvocationRequest
from localcloud.functions.pool import Pool
from localcloud.interfaces import Invocation
from tests.localcloud.functions.functions_fakes import function

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function

LIMIT = 3
STARTS = 2


class FakeEnvironment:
    """An environment whose every step a test decides."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.result: asyncio.Future[str | None] | None = None
        self.request: InvocationRequest | None = None
        self.served: list[str] = []
        self.alive = True
        self.ended = False
        self.may_end = asyncio.Event()
        self.may_end.set()

    @property
    def ready(self) -> bool:
        """Whether it takes an event."""
        return self.started.done() and self.started.result() and self.alive and self.result is None

    async def start(self) -> bool:
        """Wait for the test's word."""
        return await asyncio.shield(self.started)

    async def run(self, request: InvocationRequest) -> Invocation:
        """Serve until the test's word."""
        assert self.result is None, "two events in one environment"
        assert self.alive, "an event in an environment that is dead"
        self.served.append(request.request_id)
        if not self.started.result():
            return Invocation(request.request_id, function_error="Unhandled")
        self.result = asyncio.get_running_loop().create_future()
        function_error = await self.result
        self.result = None
        return Invocation(request.request_id, function_error=function_error)

    async def settle(self) -> bool:
        """Ready at once, or dead."""
        return self.alive

    async def end(self) -> None:
        """Be gone."""
        self.alive = False
        await self.may_end.wait()
        self.ended = True
        if not self.gone.done():
            self.gone.set_result(None)

    def finish(self) -> None:
        """The handler returns."""
        assert self.result is not None
        self.result.set_result(None)

    def lose(self) -> None:
        """The process has ended by itself, which is not known yet."""
        self.alive = False

    def die(self) -> None:
        """The process has ended by itself."""
        self.lose()
        self.gone.set_result(None)
        if self.result is not None:
            self.result.set_result("Unhandled")


class Bench:
    """A pool with what it created."""

    def __init__(
        self, deployed: Function | None = None, limit: int = LIMIT, idle_seconds: float = 600
    ) -> None:
        self.environments: list[FakeEnvironment] = []
        self.pool = Pool(deployed or function(), self._create, limit, STARTS, Concurrency(), idle_seconds)
        self.invocations: dict[str, asyncio.Task[Invocation]] = {}

    def _create(self, deployed: Function) -> FakeEnvironment:
        self.environments.append(FakeEnvironment(deployed))
        return self.environments[-1]

    async def invoke(self) -> asyncio.Task[Invocation]:
        """Invoke, and let everything happen that can."""
        request = InvocationRequest(f"{len(self.invocations):04}", b"{}", "arn")
        task = asyncio.create_task(self.pool.invoke(request))
        self.invocations[request.request_id] = task
        await quiescence()
        return task

    async def adopt(self, deployed: Function) -> None:
        """Deploy, and let everything happen that can."""
        self.pool.adopt(deployed)
        await quiescence()

    async def start(self, environment: int, *, well: bool = True) -> FakeEnvironment:
        """Have an environment's initialization end."""
        self.environments[environment].started.set_result(well)
        await quiescence()
        return self.environments[environment]


async def quiescence() -> None:
    """Let every task run until it waits for something that a test decides."""
    for _ in range(12):
        await asyncio.sleep(0)
