"""The deployed APIs: read over the AWS API once, and cached until something changes."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Generic, TypeVar

import msgspec

from localcloud.apis.resources import (
    Api,
    Authorizer,
    CorsConfiguration,
    Integration,
    Route,
    RouteResponse,
    Stage,
)
from localcloud.interfaces import ControlPlane, Request


class CatalogError(Exception):
    """The control plane answered a read of an API with an error."""


class _ApiResource(msgspec.Struct, frozen=True, rename="camel"):
    api_id: str
    protocol_type: str
    route_selection_expression: str = "$request.body.action"
    cors_configuration: CorsConfiguration | None = None


class _RouteResource(msgspec.Struct, frozen=True, rename="camel"):
    route_id: str
    route_key: str
    target: str = ""
    authorization_type: str = "NONE"
    authorizer_id: str = ""
    authorization_scopes: tuple[str, ...] = ()
    api_key_required: bool = False


class _Snapshot(msgspec.Struct, frozen=True, rename="camel"):
    """What a deployment deploys: an API's routes with all that they name."""

    routes: tuple[_RouteResource, ...] = ()
    integrations: tuple[Integration, ...] = ()
    authorizers: tuple[Authorizer, ...] = ()
    route_responses: dict[str, tuple[RouteResponse, ...]] = {}
    """By route id."""

    def by_key(self) -> dict[str, Route]:
        integrations = {integration.integration_id: integration for integration in self.integrations}
        authorizers = {authorizer.authorizer_id: authorizer for authorizer in self.authorizers}
        return {
            route.route_key: Route(
                route_key=route.route_key,
                authorization_type=route.authorization_type or "NONE",
                authorization_scopes=route.authorization_scopes,
                authorizer=authorizers.get(route.authorizer_id),
                integration=integrations.get(route.target.removeprefix("integrations/")),
                route_responses=self.route_responses.get(route.route_id, ()),
                api_key_required=route.api_key_required,
            )
            for route in self.routes
        }


class _Deployment(msgspec.Struct, frozen=True):
    """A deployment as GetDeployment gives it, with an addition of ours: ``fixes/deployment_snapshots.py``."""

    snapshot: _Snapshot


Resource = TypeVar("Resource")


class _Items(msgspec.Struct, Generic[Resource], frozen=True):
    items: tuple[Resource, ...] = ()


class Catalog:
    """The deployed APIs, read when first asked for and again once the control plane may have changed."""

    def __init__(self, control_plane: ControlPlane) -> None:
        """Read from ``control_plane``."""
        self._control_plane = control_plane
        self._generation = control_plane.generation
        self._apis: dict[str, Api] = {}
        # After a change, the connections that ask at once wait for one of them to read.
        self._reading = asyncio.Lock()

    async def api(self, api_id: str) -> Api | None:
        """The API with this id, or None when there is none.

        Raises:
            CatalogError: when the control plane cannot be read.
        """
        if api := self.cached(api_id):
            return api
        async with self._reading:
            # A write that passes by while the API is being read would leave a stale entry: then read again.
            while (api := self.cached(api_id)) is None:
                generation = self._generation
                api = await self._read(api_id)
                if api is None:
                    return None
                if generation == self._control_plane.generation:
                    self._apis[api_id] = api
            return api

    def cached(self, api_id: str) -> Api | None:
        """The API if it is known without asking the control plane."""
        if self._generation != self._control_plane.generation:
            self._generation = self._control_plane.generation
            self._apis.clear()
        return self._apis.get(api_id)

    async def _read(self, api_id: str) -> Api | None:
        path = f"/v2/apis/{api_id}"
        body = await self._get(path)
        if body is None:
            return None
        resource = msgspec.json.decode(body, type=_ApiResource, strict=False)
        stages = [await self._deployed(path, stage) for stage in await self._list(f"{path}/stages", Stage)]
        return Api(
            api_id=api_id,
            protocol=resource.protocol_type,
            stages={stage.stage_name: stage for stage in stages if stage is not None},
            route_selection_expression=resource.route_selection_expression,
            cors=resource.cors_configuration,
        )

    async def _deployed(self, path: str, stage: Stage) -> Stage | None:
        """A stage with its routes; None for one that nothing is deployed to."""
        snapshot = await (
            self._present(path) if stage.auto_deploy else self._snapshot(path, stage.deployment_id)
        )
        return msgspec.structs.replace(stage, routes=snapshot.by_key()) if snapshot else None

    async def _snapshot(self, path: str, deployment_id: str) -> _Snapshot | None:
        """The API as it was deployed; None for no deployment."""
        body = await self._get(f"{path}/deployments/{deployment_id}") if deployment_id else None
        return msgspec.json.decode(body, type=_Deployment, strict=False).snapshot if body else None

    async def _present(self, path: str) -> _Snapshot:
        """The API as it stands, deployed or not."""
        routes = await self._list(f"{path}/routes", _RouteResource)
        responses = {
            route.route_id: await self._list(f"{path}/routes/{route.route_id}/routeresponses", RouteResponse)
            for route in routes
        }
        integrations = await self._list(f"{path}/integrations", Integration)
        authorizers = await self._list(f"{path}/authorizers", Authorizer)
        return _Snapshot(routes, integrations, authorizers, responses)

    async def _list(self, path: str, kind: type[Resource]) -> tuple[Resource, ...]:
        body = await self._get(path)
        # Deleted between two reads: nothing is left to list.
        if body is None:
            return ()
        # Lax, because a template's parameters make text of numbers and booleans.
        items: _Items[Resource] = msgspec.json.decode(body, type=_Items[kind], strict=False)  # type: ignore[valid-type]
        return items.items

    async def _get(self, path: str) -> bytes | None:
        host = f"apigateway.{self._control_plane.region}.amazonaws.com"
        request = Request(
            method="GET",
            path=path,
            raw_path=path.encode("ascii"),
            query_string=b"",
            headers=((b"host", host.encode("ascii")),),
        )
        response = await self._control_plane.call("apigateway", request)
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        if response.status != HTTPStatus.OK:
            reason = response.body[:200].decode("utf-8", "replace")
            raise CatalogError(
                f"Reading {path} from API Gateway's control plane failed: {response.status} {reason}"
            )
        return response.body
