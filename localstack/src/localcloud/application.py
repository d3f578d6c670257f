"""The parts, wired: control plane, execution plane, data planes, DynamoDB, and the dispatch over them."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from localcloud import __version__
from localcloud.apis import Gateway
from localcloud.asgi import Dispatch
from localcloud.clock import SystemClock
from localcloud.cloudwatch import MetricsExporter
from localcloud.cloudwatch.alarms import AlarmEvaluator
from localcloud.cloudwatch.alarms.endpoints import alarm_endpoints
from localcloud.control.dashboard import dashboard_endpoints
from localcloud.control.deployed import Deployed
from localcloud.control.health import Health, health_endpoints
from localcloud.control.routes import Control
from localcloud.control.statistics import Statistics
from localcloud.control.status import Sources, status_endpoints
from localcloud.distributions import Distributions, Origins
from localcloud.dynamodb.client import Client
from localcloud.dynamodb.proxy import Proxy
from localcloud.dynamodb.tables import Tables
from localcloud.faults.endpoints import endpoints as fault_endpoints
from localcloud.faults.engine import FaultRules
from localcloud.functions import ExecutionPlane
from localcloud.functions.asynchronous import AsynchronousInvocations, EventQueue
from localcloud.functions.endpoints import code_endpoints
from localcloud.functions.event_sources import EventSources
from localcloud.ministack import environment
from localcloud.observations import Observations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from localcloud.asgi import Part
    from localcloud.data_directory import DataDirectory
    from localcloud.dynamodb.dynoxide import Dynoxide
    from localcloud.settings import Settings


@dataclass(frozen=True, slots=True)
class Application:
    """The running parts, as far as the server deals with them."""

    dispatch: Origins
    """The ASGI application."""
    gateway: Gateway
    functions: ExecutionPlane
    asynchronous: AsynchronousInvocations
    event_sources: EventSources

    async def end_requests(self) -> None:
        """End what keeps requests open: WebSocket connections, then functions and those who wait for them."""
        await self.gateway.close()
        self.event_sources.stop()
        await self.asynchronous.stop()
        await self.functions.close()
        await self.event_sources.close()


@asynccontextmanager
async def application(
    settings: Settings, data: DataDirectory, dynoxide: Dynoxide | None
) -> AsyncIterator[Application]:
    """Wire the parts; when this ends, those that outlive the requests are closed.

    Args:
        settings: what localcloud was started with.
        data: the data directory, which this process holds.
        dynoxide: what keeps DynamoDB's data; None leaves it to MiniStack.

    Raises:
        LocalcloudError: the saved state is corrupt.
    """
    environment.configure(settings, data)
    from localcloud.ministack.control_plane import MiniStack  # noqa: PLC0415 - it reads what the line above set

    host = f"{settings.host}:{settings.port}"
    clock = SystemClock()
    observations = Observations()
    faults = FaultRules(clock)
    control_plane = MiniStack(settings, data)
    functions = ExecutionPlane(
        control_plane,
        work_directory=data.functions,
        endpoint_url=settings.endpoint_url,
        max_environments=settings.max_environments,
        clock=clock,
        observations=observations,
        faults=faults,
    )
    gateway = Gateway(
        control_plane,
        functions,
        clock,
        host,
        observations,
        faults,
        settings.quotas,
    )
    statistics = Statistics(clock)
    observations.listen(statistics.note)
    health = Health(
        status="ready",
        process_id=os.getpid(),
        data_directory=str(data.path.resolve()),
        dynamodb="ministack" if dynoxide is None else "dynoxide",
        versions={"localcloud": __version__, "ministack": version("ministack")},
    )
    shown = Sources(
        health, settings.endpoint_url, Deployed(control_plane), statistics, functions, faults, clock
    )
    metrics = MetricsExporter(control_plane, clock)

    def gather(now: float) -> None:
        metrics.flush()
        control_plane.put_metrics(control_plane.queue_metrics.measure(now))

    alarms = AlarmEvaluator(control_plane.alarms, clock, gather)
    control = Control(
        {
            **health_endpoints(health),
            **status_endpoints(shown),
            **dashboard_endpoints(),
            **fault_endpoints(faults),
            **alarm_endpoints(alarms),
            **code_endpoints(functions),
        }
    )
    parts: list[Part] = [gateway, control]
    asynchronous = AsynchronousInvocations(
        functions,
        control_plane,
        control_plane.roles,
        EventQueue(data.events),
        clock,
        settings.max_environments,
        settings.asynchronous_retry_seconds,
    )
    event_sources = EventSources(
        control_plane,
        functions,
        control_plane.queues,
        control_plane.roles,
        settings.max_environments,
        serves_table_streams=dynoxide is None,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asynchronous.close)
        stack.push_async_callback(control_plane.close)
        await control_plane.open(functions, asynchronous.accept)
        metrics = MetricsExporter(control_plane, clock)
        observations.listen(metrics.note)
        metrics.start()
        stack.push_async_callback(metrics.close)
        alarms.start()
        stack.push_async_callback(alarms.close)
        if dynoxide is not None:
            client = Client(dynoxide.port)
            stack.callback(client.close)
            tables = Tables(control_plane, client.call)
            await tables.load()
            parts.append(Proxy(control_plane, tables, client, settings.region, faults))
        await asynchronous.open()
        await event_sources.open()
        stack.push_async_callback(functions.close)  # what a late request may have started
        parts.append(Distributions(control_plane, host))
        dispatch = Dispatch([*parts, control_plane])
        yield Application(Origins(dispatch, host), gateway, functions, asynchronous, event_sources)
