"""APIs as they are deployed: stages, routes, integrations, authorizers, named as API Gateway names them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_FUNCTION_IN_URI = re.compile(
    r"^arn:[^:]+:apigateway:[^:]*:lambda:path/2015-03-31/functions/(.+)/invocations$"
)
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


LONGEST_TIMEOUT_MS = 30_000
"""AWS refuses an integration that asks for more; one that got by gets no more."""


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
    auto_deploy: bool = False
    """Whether every change of the API is deployed at once."""
    deployment_id: str = ""
    """What is deployed to it, where that is not automatic; empty for nothing."""
    routes: Mapping[str, Route] = {}
    """By route key; what the API had when it was deployed to this stage."""

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
    stages: Mapping[str, Stage]
    """The stages that something is deployed to, by name."""
    route_selection_expression: str = "$request.body.action"
    cors: CorsConfiguration | None = None

    def routes_of(self, stage: Stage) -> Mapping[str, Route]:
        """What a stage serves now: a connection may hold it as it was."""
        present = self.stages.get(stage.stage_name)
        return present.routes if present else {}


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
