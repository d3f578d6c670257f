"""Lambda's execution plane: the one place where functions run, whoever invokes them."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.functions import errors
from localcloud.functions.aliases import LATEST
from localcloud.functions.catalog import Catalog, Function, parse_reference
from localcloud.functions.code import CodeStore
from localcloud.functions.concurrency import ACCOUNT_CONCURRENCY, Concurrency
from localcloud.functions.environment import UNHANDLED, Environment, InvocationRequest
from localcloud.functions.guardian import Guardian
from localcloud.functions.live_code import LiveCode
from localcloud.functions.logs import Logs
from localcloud.functions.pool import Pool
from localcloud.functions.runtime_api import MAXIMUM_PAYLOAD_BYTES
from localcloud.functions.runtime_directory import make_runtime_directory
from localcloud.functions.variables import Bundle
from localcloud.interfaces import FaultEffect, FaultPoint, Invocation
from localcloud.observations import FunctionInvoked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.interfaces import Clock, ControlPlane, EnvironmentCounts, Fault, Faults
    from localcloud.observations import Observations


class ExecutionPlane:
    """Runs what a control plane has deployed; implements :class:`localcloud.interfaces.Functions`."""

    def __init__(
        self,
        control_plane: ControlPlane,
        clock: Clock,
        work_directory: Path,
        endpoint_url: str,
        max_environments: int,
        observations: Observations,
        faults: Faults,
        account_concurrency: int = ACCOUNT_CONCURRENCY,
    ) -> None:
        """Prepare to run functions; nothing is started before the first invocation.

        Args:
            control_plane: what is deployed, its code and credentials, and where logs go.
            clock: the time of deadlines and logs.
            work_directory: for unpacked code, the runtime and environments' scratch space; made when missing.
                One plane at a time may use it.
            endpoint_url: where functions find this AWS.
            max_environments: how many environments a function may have at once.
            observations: who is told of every invocation.
            faults: what is to go wrong on purpose.
            account_concurrency: how many invocations of all functions may be under way before more throttle.
        """
        self._observations = observations
        self._faults = faults
        self.logs = Logs(control_plane, clock, observations)
        self._control_plane = control_plane
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._max_environments = max_environments
        self._catalog = Catalog(control_plane)
        self._code = CodeStore(control_plane, work_directory / "code")
        self._runtime = make_runtime_directory(work_directory / "runtime")
        self._scratch = work_directory / "environments"
        shutil.rmtree(self._scratch, ignore_errors=True)  # what a killed plane left behind
        self._scratch.mkdir(parents=True)
        self._concurrency = Concurrency(account_concurrency)
        self._guardian = Guardian()
        self._pools: dict[str, Pool] = {}
        self.live_code = LiveCode(self._code_changed, work_directory)
        """What runs from a directory in place of its package."""
        self._prewarming: set[asyncio.Task[None]] = set()
        self._one_prewarming = asyncio.Lock()
        self._closed = False

    async def invoke(
        self, function: str, payload: bytes, request_id: str = "", trace_id: str = ""
    ) -> Invocation:
        """Invoke a function by name or ARN with a JSON payload and wait for what comes of it.

        Args:
            function: its name or ARN.
            payload: the event, as JSON.
            request_id: the one of earlier attempts at the same event; a new one where it is empty.
            trace_id: the caller's X-Amzn-Trace-Id; empty begins a trace.

        Raises:
            KeyError: there is no such function.
            RuntimeError: the plane is closed.
        """
        found = self.live_code.apply(await self._catalog.find(function))
        if self._closed:
            raise RuntimeError(f"{found.name} cannot be invoked any more: localcloud is stopping.")
        request = InvocationRequest(
            request_id or str(uuid.uuid4()), payload, _invoked_arn(found, function), trace_id
        )
        if len(payload) > MAXIMUM_PAYLOAD_BYTES:
            too_large = errors.request_too_large(len(payload), MAXIMUM_PAYLOAD_BYTES)
            return Invocation(request.request_id, too_large, function_error=UNHANDLED)
        if self._faults.armed:
            fault = self._faults.strike(FaultPoint("lambda", "Invoke", found.name))
            if fault is not None:
                return await self._fail(found, request, fault)
        return await self._run(found, request)

    async def _run(self, found: Function, request: InvocationRequest) -> Invocation:
        key = found.name if found.version == LATEST else f"{found.name}:{found.version}"
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = Pool(
                found, self._create, self._max_environments, os.cpu_count() or 1, self._concurrency
            )
        pool.adopt(found)
        invocation = await pool.invoke(request)
        return self._throttled(found, request) if invocation.throttled else invocation

    async def _fail(self, found: Function, request: InvocationRequest, fault: Fault) -> Invocation:
        """Run an invocation as a fault on purpose has it."""
        match fault.effect:
            case FaultEffect.THROTTLE:
                return self._throttled(found, request)
            case FaultEffect.ERROR:
                return Invocation(request.request_id, errors.injected(fault.code), function_error=UNHANDLED)
            case FaultEffect.DELAY:
                await asyncio.sleep(fault.delay_ms / 1000)
                return await self._run(found, request)
            case effect:
                return await self._run(found, dataclasses.replace(request, fault=effect))

    def _throttled(self, found: Function, request: InvocationRequest) -> Invocation:
        self._observations.publish(
            FunctionInvoked(found.name, request.request_id, 0.0, None, "", throttled=True)
        )
        return Invocation(request.request_id, throttled=True)

    async def run_from(self, name: str, directory: Path) -> None:
        """Run a deployed function's code from ``directory`` until ``live_code.stop(name)``.

        Raises:
            KeyError: there is no such function.
        """
        await self._catalog.find(name)
        await self.live_code.run(name, directory)

    def environments(self) -> Mapping[str, EnvironmentCounts]:
        """The execution environments of each function that was invoked, by its name, or ``name:version``."""
        return {name: pool.counts for name, pool in self._pools.items()}

    async def close(self) -> None:
        """Kill and reap every environment, then deliver the last logs."""
        self._closed = True
        await self.live_code.close()
        for prewarming in self._prewarming:
            prewarming.cancel()
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        self._guardian.close()
        self.logs.flush()

    def _code_changed(self, name: str) -> None:
        """Replace a function's environments; where there was one, have the next event find one, too."""
        pool = self._pools.get(name)
        if pool is None:
            return
        used = pool.used
        pool.adopt(self.live_code.apply(dataclasses.replace(pool.function, live=None)))
        if used:
            prewarming = asyncio.create_task(self._prewarm(pool))
            self._prewarming.add(prewarming)
            prewarming.add_done_callback(self._prewarming.discard)

    async def _prewarm(self, pool: Pool) -> None:
        # One after the other: a save may concern every function, and the next event only one of them.
        async with self._one_prewarming:
            await pool.prewarm()

    def _create(self, function: Function) -> Environment:
        return Environment(
            function, self._prepare, self.logs, self._clock, self._observations, self._guardian
        )

    async def _prepare(self, function: Function) -> Bundle:
        return Bundle(
            code=await self._code.of_function(function),
            layers=[await self._code.of_layer(layer) for layer in function.layers],
            runtime=self._runtime,
            scratch=Path(tempfile.mkdtemp(dir=self._scratch)),
            credentials=self._control_plane.role_credentials(function.name),
            region=self._control_plane.region,
            endpoint_url=self._endpoint_url,
        )


def _invoked_arn(found: Function, reference: str) -> str:
    """The ARN by which a function was invoked: it has the qualifier that the caller gave."""
    if reference in {found.arn, found.name}:
        return found.arn
    qualifier = parse_reference(reference)[1]
    return found.arn if qualifier == LATEST else f"{found.arn}:{qualifier}"
