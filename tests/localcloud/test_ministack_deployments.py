"""Deployments: a stage without AutoDeploy serves what was deployed to it, and MiniStack alone forgets what.

When an ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localcloud.apis.catalog import Catalog

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws


@dataclass(frozen=True)
class WebSocketApi:
    """An API by its calls."""

    aws: InProcessAws
    path: str

    @classmethod
    async def create(cls, aws: InProcessAws, **stage: Any) -> WebSocketApi:
        """A WebSocket API with the route ``first``, and a stage ``dev`` where something is said of it."""
        asked = {
            "name": "notes",
            "protocolType": "WEBSOCKET",
            "routeSelectionExpression": "$request.body.action",
        }
        made = await aws.post("apigateway", "/v2/apis", asked)
        api = cls(aws, f"/v2/apis/{made['apiId']}")
        await api.post("routes", {"routeKey": "first"})
        if stage:
            await api.post("stages", {"stageName": "dev", **stage})
        return api

    async def post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create something of the API."""
        return await self.aws.post("apigateway", f"{self.path}/{what}", body)

    async def served(self) -> set[str] | None:
        """The routes that the stage serves; None where nothing is deployed to it."""
        api = await Catalog(self.aws.control_plane).api(self.path.rpartition("/")[2])
        assert api is not None
        stage = api.stages.get("dev")
        return set(stage.routes) if stage else None


async def test_route_added_after_a_deployment_is_served_once_it_is_deployed(aws: InProcessAws) -> None:
    """What people meet on AWS: the new route answers "Forbidden" until then."""
    api = await WebSocketApi.create(aws, autoDeploy=False)
    await api.post("deployments", {"stageName": "dev"})
    await api.post("routes", {"routeKey": "second"})
    assert await api.served() == {"first"}
    await api.post("deployments", {"stageName": "dev"})
    assert await api.served() == {"first", "second"}


async def test_route_of_a_stage_that_deploys_by_itself_is_served_at_once(aws: InProcessAws) -> None:
    """AutoDeploy."""
    api = await WebSocketApi.create(aws, autoDeploy=True)
    await api.post("routes", {"routeKey": "second"})
    assert await api.served() == {"first", "second"}


async def test_stage_without_a_deployment_is_not_there(aws: InProcessAws) -> None:
    """Nothing is deployed to it, whatever the API has."""
    api = await WebSocketApi.create(aws, autoDeploy=False)
    assert await api.served() is None


async def test_deployment_made_first_is_served_by_the_stage_that_names_it(aws: InProcessAws) -> None:
    """As templates do: the stage has the deployment's id."""
    api = await WebSocketApi.create(aws)
    deployment = await api.post("deployments", {})
    await api.post("stages", {"stageName": "dev", "deploymentId": deployment["deploymentId"]})
    await api.post("routes", {"routeKey": "second"})
    assert await api.served() == {"first"}


async def test_deployment_to_an_unknown_stage_is_refused(aws: InProcessAws) -> None:
    """By its name."""
    api = await WebSocketApi.create(aws, autoDeploy=False)
    assert "prod" in (await api.post("deployments", {"stageName": "prod"}))["message"]


async def test_deployment_unfixed_deploys_nothing(aws: InProcessAws) -> None:
    """MiniStack alone keeps an id and a date, and leaves the stage as it is."""
    from localcloud.ministack.fixes import deployment_snapshots  # noqa: PLC0415 - after MiniStack is configured

    api = await WebSocketApi.create(aws, autoDeploy=False)
    with deployment_snapshots.FIX.undone():
        deployment = await api.post("deployments", {"stageName": "dev"})
    assert "snapshot" not in deployment
    assert await api.served() is None
