"""``GET /_localcloud/status``: what is deployed, connected, running, said, and made to fail on purpose."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

import msgspec

from localcloud.control.health import Health
from localcloud.control.routes import json_answer
from localcloud.control.statistics import Connection, FunctionCounts, Latencies, Line, Rates
from localcloud.faults.engine import ActiveRule
from localcloud.interfaces import EnvironmentCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localcloud.control.deployed import Deployed, DeployedApi, DeployedFunction
    from localcloud.control.routes import Endpoint
    from localcloud.control.statistics import Statistics
    from localcloud.interfaces import Clock, Request, Response

CONNECTIONS_LISTED = 100
LINES_LISTED = 100
"""Where it is not said after which line."""


class Stage(msgspec.Struct, frozen=True, rename="camel"):
    """A stage of an API, and where it is reached."""

    name: str
    url: str
    connections: int
    """How many are open."""


class Api(msgspec.Struct, frozen=True, rename="camel"):
    """A deployed API."""

    api_id: str
    name: str
    protocol: str
    """``WEBSOCKET`` or ``HTTP``."""
    stages: list[Stage]


class Function(msgspec.Struct, frozen=True, rename="camel"):
    """A deployed function, and what became of its invocations since the start."""

    name: str
    runtime: str
    environments: EnvironmentCounts
    invocations: int
    errors: int
    throttles: int
    last_error: Line | None


class Connections(msgspec.Struct, frozen=True, rename="camel"):
    """The open WebSocket connections."""

    open: int
    newest: list[Connection]


class Logs(msgspec.Struct, frozen=True, rename="camel"):
    """The functions' log lines: those after the number that was asked with, else the last hundred."""

    lines: list[Line]
    last: int
    """The number to ask with next."""


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """Everything that ``localcloud status`` and the dashboard show."""

    health: Health
    endpoint_url: str
    at: int
    """The time of this answer, in milliseconds since the epoch."""
    started_at: int
    faults: list[ActiveRule]
    """What is made to fail on purpose."""
    apis: list[Api]
    connections: Connections
    functions: list[Function]
    last_errors: list[Line]
    """The functions', the newest first."""
    rates: Rates
    latencies: Latencies
    logs: Logs


class RunningFunctions(Protocol):
    """Lambda's execution plane, as far as this is about it."""

    def environments(self) -> Mapping[str, EnvironmentCounts]:
        """The environments of each function that has had one."""


class ActiveFaults(Protocol):
    """The faults on purpose, as far as this is about them."""

    def describe(self) -> Sequence[ActiveRule]:
        """Those that are on."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the status comes from."""

    health: Health
    endpoint_url: str
    deployed: Deployed
    statistics: Statistics
    functions: RunningFunctions
    faults: ActiveFaults
    clock: Clock


def status_endpoints(sources: Sources) -> Mapping[tuple[str, str], Endpoint]:
    """For ``Control``. ``?logsAfter=N`` asks for all log lines after that number, as far as they are kept."""
    started_at = int(sources.clock.now() * 1000)

    async def get(request: Request) -> Response:
        asked = parse_qs(request.query_string.decode("latin-1")).get("logsAfter", [""])[0]
        return json_answer(await _status(sources, started_at, int(asked) if asked.isdecimal() else None))

    return {("GET", "/status"): get}


async def _status(sources: Sources, started_at: int, logs_after: int | None) -> Status:
    deployed = await sources.deployed.now()
    statistics = sources.statistics
    connections = list(statistics.connections.values())
    open_by_stage = Counter((connection.api_id, connection.stage) for connection in connections)
    lines, last = (
        statistics.last_lines(LINES_LISTED) if logs_after is None else statistics.lines_after(logs_after)
    )
    return Status(
        health=sources.health,
        endpoint_url=sources.endpoint_url,
        at=int(sources.clock.now() * 1000),
        started_at=started_at,
        faults=list(sources.faults.describe()),
        apis=[_api(api, open_by_stage) for api in deployed.apis],
        connections=Connections(len(connections), connections[: -CONNECTIONS_LISTED - 1 : -1]),
        functions=_functions(deployed.functions, sources),
        last_errors=list(reversed(statistics.last_errors)),
        rates=statistics.rates(),
        latencies=statistics.latencies(),
        logs=Logs(lines, last),
    )


def _api(api: DeployedApi, open_by_stage: Mapping[tuple[str, str], int]) -> Api:
    stages = [
        Stage(
            name,
            api.endpoint if name == "$default" else f"{api.endpoint}/{name}",
            open_by_stage.get((api.api_id, name), 0),
        )
        for name in api.stages
    ]
    return Api(api.api_id, api.name, api.protocol, stages)


def _functions(deployed: Iterable[DeployedFunction], sources: Sources) -> list[Function]:
    environments = sources.functions.environments()
    functions = []
    for function in deployed:
        counts = sources.statistics.functions.get(function.name, FunctionCounts())
        functions.append(
            Function(
                name=function.name,
                runtime=function.runtime,
                environments=environments.get(function.name, EnvironmentCounts()),
                invocations=counts.invocations,
                errors=counts.errors,
                throttles=counts.throttles,
                last_error=counts.last_error,
            )
        )
    return functions
