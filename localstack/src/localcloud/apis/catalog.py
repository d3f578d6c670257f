"""The deployed APIs with their routes, integrations and stages: read over the AWS API once, and cached."""

from __future__ import annotations

import asyncio
import functools
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from localcloud.interfaces import ControlPlane, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

_FUNCTION_IN_URI = re.compile(
    r"^arn:[^:]+:apigateway:[^:]*:lambda:path/2015-03-31/functions/(.+)/invocations$"
)
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


LONGEST_TIMEOUT_MS = 30_000
"""AWS refuses an integration that asks for more; one that got by gets no more."""


class CatalogError(Exception):
    """The control plane answered a read of an API with an error."""


class RouteSettings(msgspec.Struct, frozen=True, rename="camel"):
    """What a stage sets for its routes, or for one of them."""

    throttling_rate_limit: float | None = None
    """Requests a second; None leaves it to the stage's default, then to the account."""
    throttling_burst_limit: int | None = None
    """Requests at one instant."""
    detailed_metrics_enabled: bool = False
    """Whether CloudWatch gets metrics by route."""


class AccessLogSettings(msgspec.Struct, frozen=True, rename="camel"):
    """Where a stage's access log goes, and what a line of it says."""

    destination_arn: str = ""
    """The log group's ARN."""
    format: str = ""
    """Text with ``$context`` variables."""


class Stage(msgspec.Struct, frozen=True, rename="camel"):
    """A stage, as GetStages lists it."""

    stage_name: str
    stage_variables: dict[str, str] = {}
    default_route_settings: RouteSettings = RouteSettings()
    route_settings: dict[str, RouteSettings] = {}
    """By route key."""
    access_log_settings: AccessLogSettings | None = None

    def settings_of(self, route_key: str) -> RouteSettings:
        """The settings of one route: its own, else the stage's default."""
        return self.route_settings.get(route_key, self.default_route_settings)


class Integration(msgspec.Struct, frozen=True, rename="camel"):
    """An integration, as GetIntegrations lists it."""

    integration_id: str
    integration_type: str
    integration_uri: str = ""
    integration_method: str = "ANY"
    """Of an HTTP integration: the method it is called with; ``ANY`` keeps the request's."""
    integration_subtype: str = ""
    """Names an action of an AWS service instead of a function."""
    request_parameters: dict[str, str] = {}
    """What an HTTP API changes of a request: what to change to the new value."""
    response_parameters: dict[str, dict[str, Any]] = {}
    """What an HTTP API changes of a response, by its status."""
    payload_format_version: str = "1.0"
    timeout_in_millis: int = 29_000
    credentials_arn: str | None = None
    """The role that API Gateway calls the integration with, in place of the function's own policy."""
    request_templates: dict[str, str] = {}
    template_selection_expression: str | None = None

    @property
    def timeout(self) -> float:
        """How long API Gateway waits for the integration, in seconds."""
        return min(self.timeout_in_millis, LONGEST_TIMEOUT_MS) / 1000


class JwtConfiguration(msgspec.Struct, frozen=True):
    """Whom a JWT authorizer trusts, and for whom a token must be meant."""

    issuer: str = ""
    audience: tuple[str, ...] = ()


class Authorizer(msgspec.Struct, frozen=True, rename="camel"):
    """An authorizer, as GetAuthorizers lists it."""

    authorizer_id: str
    authorizer_type: str
    authorizer_uri: str = ""
    identity_source: tuple[str, ...] = ()
    authorizer_payload_format_version: str = "2.0"
    authorizer_result_ttl_in_seconds: int = 0
    """How long an HTTP API keeps a result for the same identity; 0 for not at all."""
    enable_simple_responses: bool = False
    jwt_configuration: JwtConfiguration = JwtConfiguration()
    authorizer_credentials_arn: str | None = None
    """The role that API Gateway invokes the authorizer with, in place of the function's own policy."""


class RouteResponse(msgspec.Struct, frozen=True, rename="camel"):
    """A route response, as GetRouteResponses lists it."""

    route_response_key: str


class CorsConfiguration(msgspec.Struct, frozen=True, rename="camel"):
    """An HTTP API's answer to browsers of other origins."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A route with the resources that it names."""

    route_key: str
    authorization_type: str = "NONE"
    authorization_scopes: tuple[str, ...] = ()
    authorizer: Authorizer | None = None
    integration: Integration | None = None
    route_responses: tuple[RouteResponse, ...] = ()
    api_key_required: bool = False
    """Of a WebSocket route: API keys are not served, so such a route lets nobody in."""

    @property
    def responds(self) -> bool:
        """Whether what the integration answers reaches the WebSocket client."""
        return any(response.route_response_key == "$default" for response in self.route_responses)


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """An API as it is deployed."""

    api_id: str
    protocol: str
    """``WEBSOCKET`` or ``HTTP``."""
    routes: Mapping[str, Route]
    """The routes by route key."""
    stages: Mapping[str, Stage]
    """The stages by name."""
    route_selection_expression: str = "$request.body.action"
    cors: CorsConfiguration | None = None


def function_of(uri: str, stage: Stage) -> str:
    """The function's name or ARN in an integration's or authorizer's URI, the stage's variables put in."""
    return with_stage_variables(_unwrapped(uri), stage)


def with_stage_variables(text: str, stage: Stage) -> str:
    """The text with the stage's variables put in; one that is not there is empty."""
    if "${" not in text:
        return text
    return _STAGE_VARIABLE.sub(lambda match: stage.stage_variables.get(match[1], ""), text)


@functools.lru_cache(maxsize=1024)
def _unwrapped(uri: str) -> str:
    match = _FUNCTION_IN_URI.match(uri)
    return match[1] if match else uri


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
        integrations = {i.integration_id: i for i in await self._list(f"{path}/integrations", Integration)}
        authorizers = {a.authorizer_id: a for a in await self._list(f"{path}/authorizers", Authorizer)}
        stages = await self._list(f"{path}/stages", Stage)
        routes: dict[str, Route] = {}
        for route in await self._list(f"{path}/routes", _RouteResource):
            routes[route.route_key] = Route(
                route_key=route.route_key,
                authorization_type=route.authorization_type or "NONE",
                authorization_scopes=route.authorization_scopes,
                authorizer=authorizers.get(route.authorizer_id),
                integration=integrations.get(route.target.removeprefix("integrations/")),
                route_responses=await self._list(
                    f"{path}/routes/{route.route_id}/routeresponses", RouteResponse
                )
                if resource.protocol_type == "WEBSOCKET"
                else (),
                api_key_required=route.api_key_required,
            )
        return Api(
            api_id=api_id,
            protocol=resource.protocol_type,
            routes=routes,
            stages={stage.stage_name: stage for stage in stages},
            route_selection_expression=resource.route_selection_expression,
            cors=resource.cors_configuration,
        )

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
