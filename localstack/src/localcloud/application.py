"""The parts, wired: control plane, execution plane, data planes, DynamoDB, and the dispatch over them."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from localcloud import __version__
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
from localcloud.custom_domains import CustomDomains
from localcloud.distributions import Distributions, Origins
from localcloud.dynamodb.client import Client
from localcloud.dynamodb.proxy import Proxy
from localcloud.dynamodb.replication import RegionalTables, Replication
from localcloud.dynamodb.tables import Tables
from localcloud.dynamodb.throttle import Throttle
from localcloud.faults.endpoints import endpoints as fault_endpoints
from localcloud.faults.engine import FaultRules
from localcloud.functions.endpoints import code_endpoints
from localcloud.ministack import environment
from localcloud.observations import Observations
from localcloud.regions.health_checks import HealthChecks
from localcloud.regions.names import Names
from localcloud.regions.outages import Outages
from localcloud.regions.region import Functions, Region, Shared

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from localcloud.asgi import Part
    from localcloud.data_directory import DataDirectory
    from localcloud.dynamodb.dynoxide import Dynoxide
    from localcloud.settings import Settings


@dataclass(frozen=True, slots=True)
class Application:
    """The running parts, as far as the server deals with them."""

    dispatch: Origins
    """The ASGI application."""
    regions: Sequence[Region]

    async def end_requests(self) -> None:
        """End what keeps requests open."""
        for region in self.regions:
            await region.end_requests()


@asynccontextmanager
async def application(
    settings: Settings, data: DataDirectory, dynoxides: Mapping[str, Dynoxide]
) -> AsyncIterator[Application]:
    """Wire the parts; when this ends, those that outlive the requests are closed.

    Args:
        settings: what localcloud was started with.
        data: the data directory, which this process holds.
        dynoxides: what keeps DynamoDB's data in each region; none leaves it to MiniStack.

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
    unreachable: set[str] = set()
    shared = Shared(settings, clock, observations, faults, unreachable, serves_table_streams=not dynoxides)
    regions = [
        Region(control_plane.in_region(name), files, shared)
        for name, files in data.of_regions(settings.regions).items()
    ]
    first, *others = regions
    functions, gateway = first.functions, first.gateway
    outages = Outages(unreachable, regions)
    regional: list[Part] = [outages, *others, gateway] if others else [gateway]
    health_checks = HealthChecks(Dispatch(regional), clock)
    names = Names(settings.regions, unreachable, control_plane.records_of, health_checks)
    statistics = Statistics(clock)
    observations.listen(statistics.note)
    health = Health(
        status="ready",
        process_id=os.getpid(),
        data_directory=str(data.path.resolve()),
        dynamodb="dynoxide" if dynoxides else "ministack",
        versions={"localcloud": __version__, "ministack": version("ministack")},
    )
    shown = Sources(
        health, settings.endpoint_url, Deployed(control_plane), statistics, functions, faults, clock
    )
    metrics = MetricsExporter(control_plane, clock)

    def gather(now: float) -> None:
        metrics.flush()
        control_plane.measure(now)

    alarms = AlarmEvaluator(control_plane.alarms, clock, gather)
    control_plane.traffic_shifts.now = alarms.now
    control = Control(
        {
            **health_endpoints(health),
            **status_endpoints(shown),
            **dashboard_endpoints(),
            **fault_endpoints(faults),
            **alarm_endpoints(alarms),
            **code_endpoints(functions),
            **outages.endpoints(),
            **names.endpoints(),
        }
    )
    parts: list[Part] = [*regional, control]
    async with AsyncExitStack() as stack:
        for region in regions:
            stack.push_async_callback(region.asynchronous.close)
        stack.push_async_callback(control_plane.close)
        everywhere = Functions(regions)
        await control_plane.open(everywhere, everywhere.accept)
        control_plane.observe(observations)
        metrics = MetricsExporter(control_plane, clock)
        observations.listen(metrics.note)
        metrics.start()
        stack.push_async_callback(metrics.close)
        alarms.start()
        stack.push_async_callback(alarms.close)
        parts += await stack.enter_async_context(_tables(regions, dynoxides, shared))
        for region in regions:
            await region.open()
            stack.push_async_callback(region.functions.close)  # what a late request may have started
        parts.append(Distributions(control_plane, host))
        everything = Dispatch([*parts, control_plane])
        dispatch = CustomDomains(everything, names.regions_of, control_plane.path_of)
        yield Application(Origins(dispatch, host), regions)


@asynccontextmanager
async def _tables(
    regions: Sequence[Region], dynoxides: Mapping[str, Dynoxide], shared: Shared
) -> AsyncIterator[list[Part]]:
    """What serves the data operations of each region, and replicates them where there are several."""
    proxies: list[Part] = []
    replication = Replication(shared.unreachable, shared.clock, shared.faults) if len(regions) > 1 else None
    async with AsyncExitStack() as stack:
        for region in regions if dynoxides else ():
            client = Client(dynoxides[region.name].port)
            stack.callback(client.close)
            made = partial(replication.made, region.name) if replication else None
            tables = Tables(region.control_plane, client.call, made)
            if replication:
                replication.add(region.name, RegionalTables(region.control_plane, tables, client))
            await tables.load()
            throttle = Throttle(region.control_plane, shared.clock)
            throttle.open()
            stack.push_async_callback(throttle.close)
            # CloudWatch's metrics are the first region's.
            observations = shared.observations if region is regions[0] else None
            proxies.append(
                Proxy(
                    region.control_plane,
                    tables,
                    client,
                    region.name,
                    shared.faults,
                    replication,
                    observations,
                    throttle,
                )
            )
        if replication:
            replication.open()
            stack.push_async_callback(replication.close)
        yield proxies
