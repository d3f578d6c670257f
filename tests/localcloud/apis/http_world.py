"""An HTTP API's gateway over fakes, and a client that calls it in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from localcloud.apis import Gateway
from localcloud.interfaces import NoFaults
from localcloud.observations import Observation, Observations, RequestServed
from tests.localcloud.apis.apis_fakes import FakeClock, FakeControlPlane, FakeFunctions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BASE_URL = "http://127.0.0.1:4566/_aws/execute-api/http1"


class LoggingControlPlane(FakeControlPlane):
    """A control plane that remembers what is written to log groups."""

    def __init__(self) -> None:
        super().__init__()
        self.logged: list[tuple[str, str, int, str]] = []
        self.has_logged = asyncio.Event()

    def append_logs(
        self,
        group: str,
        stream: str,
        events: Sequence[tuple[int, str]],
        function_name: str = "",  # noqa: ARG002 - the protocol's
    ) -> None:
        """Remember each event with its group and stream."""
        self.logged += [(group, stream, at, text) for at, text in events]
        self.has_logged.set()


class World:
    """A gateway over fakes with one API, ``http1``, and a client of it."""

    def __init__(self) -> None:
        """Nothing is deployed yet; the function ``me`` answers its route's key."""
        self.control_plane, self.clock = LoggingControlPlane(), FakeClock()
        self.functions = FakeFunctions({"me": lambda event: {"statusCode": 200, "body": event["routeKey"]}})
        self.served: list[RequestServed] = []
        observations = Observations()
        observations.listen(self._note)
        self.gateway = Gateway(
            self.control_plane, self.functions, self.clock, "127.0.0.1:4566", observations, NoFaults()
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.gateway), base_url=BASE_URL)

    def deploy(self, *routes: Mapping[str, Any], **extra: Any) -> None:
        """Deploy an HTTP API with the stage ``$default``; a route's ``integration`` replaces its fields."""
        integrations = [route.get("integration", {}) for route in routes]
        named = [{key: value for key, value in route.items() if key != "integration"} for route in routes]
        self.control_plane.deploy("http1", "HTTP", named, **{"stages": [{"stageName": "$default"}], **extra})
        deployed = self.control_plane.resources["/v2/apis/http1/integrations"]["items"]
        for resource, fields in zip(deployed, integrations, strict=True):
            resource.update(fields)

    def answer(self, value: Any) -> None:
        """Let the function ``me`` return ``value``."""
        self.functions.handlers["me"] = lambda _: value

    def event(self) -> Any:
        """The last event that the function ``me`` received."""
        return self.functions.seen("me")[-1]

    def variables(self) -> Mapping[str, str]:
        """``$context`` of the last request."""
        return self.served[-1].context()

    def _note(self, observation: Observation) -> None:
        if isinstance(observation, RequestServed):
            self.served.append(observation)
