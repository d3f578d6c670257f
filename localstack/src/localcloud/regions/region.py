"""One region: its functions, APIs, events and queues, on the control plane that all regions share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.apis import Gateway
from localcloud.apis.addresses import parse_address
from localcloud.functions import ExecutionPlane
from localcloud.functions.asynchronous import AsynchronousInvocations, EventQueue
from localcloud.functions.event_sources import EventSources
from localcloud.interfaces import Invocation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from localcloud.apis.exchange import Receive, Scope, Send
    from localcloud.data_directory import DataDirectory
    from localcloud.interfaces import Clock, Faults
    from localcloud.ministack.control_plane import MiniStack
    from localcloud.observations import Observations
    from localcloud.settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """What the regions have in common."""

    settings: Settings
    clock: Clock
    observations: Observations
    faults: Faults
    unreachable: Collection[str]
    """The regions that cannot be reached now."""
    serves_table_streams: bool


class Region:
    """A region's own parts; as an ASGI application it serves its APIs."""

    def __init__(self, control_plane: MiniStack, data: DataDirectory, shared: Shared) -> None:
        """Wire the region that the control plane is of, with its data."""
        settings = shared.settings
        self.name = control_plane.region
        self.control_plane = control_plane
        self._host = f"{settings.host}:{settings.port}"
        self.functions = ExecutionPlane(
            control_plane,
            work_directory=data.functions,
            endpoint_url=settings.endpoint_url,
            max_environments=settings.max_environments,
            clock=shared.clock,
            observations=shared.observations,
            faults=shared.faults,
        )
        running = _Running(self.functions, self.name, shared.unreachable)
        self.gateway = Gateway(
            control_plane,
            running,
            shared.clock,
            self._host,
            shared.observations,
            shared.faults,
            settings.quotas,
        )
        self.asynchronous = AsynchronousInvocations(
            running,
            control_plane,
            control_plane.roles,
            EventQueue(data.events),
            shared.clock,
            settings.max_environments,
            settings.asynchronous_retry_seconds,
        )
        self.event_sources = EventSources(
            control_plane,
            running,
            control_plane.queues,
            control_plane.roles,
            settings.max_environments,
            serves_table_streams=shared.serves_table_streams,
        )

    def owns(self, scope: Scope) -> bool:
        """Whether an ASGI scope is addressed to one of its APIs."""
        if scope["type"] not in ("http", "websocket"):
            return False
        address = parse_address(scope, self._host)
        return address is not None and self.control_plane.has_api(address.api_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what ``owns`` said yes to."""
        await self.gateway(scope, receive, send)

    async def open(self) -> None:
        """Begin with events and queues."""
        await self.asynchronous.open()
        await self.event_sources.open()

    async def end_requests(self) -> None:
        """End what keeps requests open: WebSocket connections, then functions and those who wait for them."""
        await self.gateway.close()
        self.event_sources.stop()
        await self.asynchronous.stop()
        await self.functions.close()
        await self.event_sources.close()


class _Running:
    """A region's functions, which do not run while the region cannot be reached."""

    def __init__(self, functions: ExecutionPlane, region: str, unreachable: Collection[str]) -> None:
        self._functions = functions
        self._region = region
        self._unreachable = unreachable

    async def invoke(
        self, function: str, payload: bytes, request_id: str = "", trace_id: str = ""
    ) -> Invocation:
        """Invoke a function, as :meth:`ExecutionPlane.invoke`; throttled while the region is out of reach."""
        if self._region in self._unreachable:
            return Invocation(request_id or str(uuid.uuid4()), throttled=True)
        return await self._functions.invoke(function, payload, request_id, trace_id)


class Functions:
    """The functions of all regions, by their ARNs; a bare name is one of the first region."""

    def __init__(self, regions: Sequence[Region]) -> None:
        """Find functions in ``regions``."""
        self._first = regions[0]
        self._regions = {region.name: region for region in regions}

    async def invoke(self, function: str, payload: bytes, *, trace_id: str = "") -> Invocation:
        """Invoke a function and wait; see :meth:`localcloud.interfaces.Functions.invoke`."""
        return await self._of(function).functions.invoke(function, payload, trace_id=trace_id)

    def accept(self, function: str, payload: bytes) -> str:
        """Invoke a function without waiting; its request id."""
        return self._of(function).asynchronous.accept(function, payload)

    def _of(self, function: str) -> Region:
        if not function.startswith("arn:"):
            return self._first
        return self._regions.get(function.split(":", 4)[3], self._first)
