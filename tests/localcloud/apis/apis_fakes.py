"""Fakes at localcloud's own interfaces: a control plane, functions, a clock; and short makers of routes."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localcloud.apis.resources import (
    Api,
    Authorizer,
    CorsConfiguration,
    Integration,
    JwtConfiguration,
    Route,
    RouteResponse,
    Stage,
)
from localcloud.apis.throttling import Throttles
from localcloud.interfaces import (
    Caller,
    Credentials,
    Denied,
    Fault,
    FaultPoint,
    Invocation,
    Request,
    Response,
)
from localcloud.settings import AccountQuotas

NOW = 1_795_223_620.25
"""2026-11-21T01:13:40.250Z."""

Handler = Callable[[Any], Any | Awaitable[Any]]


class HandlerError(Exception):
    """What a fake handler raises; its text is the function error's errorMessage."""


@dataclass
class FakeClock:
    """A clock that stands still until it is set."""

    time: float = NOW

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


@dataclass
class FakeFunctions:
    """Lambda, with Python callables for functions."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    events: list[tuple[str, Any]] = field(default_factory=list)
    throttled: bool = False

    async def invoke(self, function: str, payload: bytes) -> Invocation:
        """Call the handler named by the ARN's last part."""
        name = function.rpartition(":")[2]
        handler = self.handlers[name]
        event = json.loads(payload)
        self.events.append((name, event))
        if self.throttled:
            return Invocation("request", throttled=True)
        try:
            result = handler(event)
            if inspect.isawaitable(result):
                result = await result
        except HandlerError as error:
            body = {"errorMessage": str(error), "errorType": "Exception"}
            return Invocation("request", json.dumps(body).encode(), function_error="Unhandled")
        return Invocation("request", json.dumps(result).encode())

    def seen(self, name: str) -> list[Any]:
        """The events that a function received."""
        return [event for called, event in self.events if called == name]


@dataclass
class FakeFaults:
    """Faults on purpose: those that the test has set for an operation, each once."""

    planned: dict[str, list[Fault]] = field(default_factory=dict)
    points: list[FaultPoint] = field(default_factory=list)

    @property
    def armed(self) -> bool:
        """Whether any is left."""
        return any(self.planned.values())

    def strike(self, point: FaultPoint) -> Fault | None:
        """The next fault of the point's operation."""
        self.points.append(point)
        planned = self.planned.get(point.operation)
        return planned.pop(0) if planned else None


@dataclass
class FakeControlPlane:
    """The control plane, answering reads of APIs from AWS's own JSON."""

    resources: dict[str, Any] = field(default_factory=dict)
    """The body by path; paths that are not there answer 404."""
    denied: Denied | None = None
    not_permitted: set[str] = field(default_factory=set)
    """The functions whose policies do not let API Gateway invoke them."""
    invocation_sources: list[tuple[str, str]] = field(default_factory=list)
    """Each function and for what API Gateway asked to invoke it."""
    authorized: list[tuple[str, str, str]] = field(default_factory=list)
    key_sets: dict[str, Mapping[str, object]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    account_id: str = "000000000000"
    region: str = "us-east-1"
    generation: int = 0

    async def call(self, service: str, request: Request) -> Response:
        """Answer a read."""
        assert service == "apigateway"
        self.reads.append(request.path)
        await asyncio.sleep(0)
        body = self.resources.get(request.path)
        if body is None:
            return Response(404, (), b'{"message":"Not Found"}')
        return Response(200, (), json.dumps(body).encode())

    def authorize(self, request: Request, service: str, action: str, resource: str) -> Denied | None:
        """Give the answer that the test has set."""
        assert request.method
        self.authorized.append((service, action, resource))
        return self.denied

    def caller(self, access_key_id: str) -> Caller | None:
        """A user whose name is the key."""
        return Caller(self.account_id, f"arn:aws:iam::{self.account_id}:user/{access_key_id}", "AIDAEXAMPLE")

    def may_invoke(self, service: str, function: str, source_arn: str) -> bool:
        """Give the answer that the test has set."""
        assert service == "apigateway.amazonaws.com"
        name = function.rpartition(":")[2]
        self.invocation_sources.append((name, source_arn))
        return name not in self.not_permitted

    async def jwks(self, issuer: str) -> Mapping[str, object] | None:
        """The key set that the test has set."""
        return self.key_sets.get(issuer)

    def function_code(self, function_name: str, version: str = "$LATEST") -> bytes:
        """Nothing here has code."""
        raise KeyError(function_name, version)

    def layer_code(self, layer_version_arn: str) -> bytes:
        """Nothing here has code."""
        raise KeyError(layer_version_arn)

    def role_credentials(self, function_name: str) -> Credentials:
        """Nothing here has a role."""
        raise KeyError(function_name)

    def append_logs(
        self,
        group: str,
        stream: str,
        events: Sequence[tuple[int, str]],
        function_name: str = "",
    ) -> None:
        """Nothing here logs."""

    def deploy(self, api_id: str, protocol: str, routes: Sequence[Mapping[str, Any]], **extra: Any) -> None:
        """Put an API with a stage ``dev`` there; each route names its function, all else by AWS's fields."""
        path = f"/v2/apis/{api_id}"
        authorizers = extra.pop("authorizers", [])
        stages = [{"autoDeploy": True, **stage} for stage in extra.pop("stages", [{"stageName": "dev"}])]
        self.resources[path] = {"apiId": api_id, "name": api_id, "protocolType": protocol, **extra}
        self.resources[f"{path}/authorizers"] = {"items": authorizers}
        self.resources[f"{path}/stages"] = {"items": stages}
        items, integrations = [], []
        for number, route in enumerate(routes):
            fields = {"routeId": f"r{number}", "target": f"integrations/i{number}", **route}
            integrations.append(integration_resource(f"i{number}", fields.pop("function", ""), fields))
            responses = fields.pop("routeResponses", [])
            self.resources[f"{path}/routes/r{number}/routeresponses"] = {"items": responses}
            items.append(fields)
        self.resources[f"{path}/routes"] = {"items": items}
        self.resources[f"{path}/integrations"] = {"items": integrations}
        self.generation += 1


def integration_resource(integration_id: str, function: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A Lambda proxy integration in AWS's JSON."""
    return {
        "integrationId": integration_id,
        "integrationType": fields.pop("integrationType", "AWS_PROXY"),
        "integrationUri": function_uri(function),
        "payloadFormatVersion": fields.pop("payloadFormatVersion", "2.0"),
        "timeoutInMillis": fields.pop("timeoutInMillis", 29000),
    }


def function_uri(function: str) -> str:
    """The URI by which API Gateway names a function."""
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def route(
    key: str,
    function: str | None = None,
    *,
    responds: bool = False,
    authorization_type: str = "NONE",
    authorizer: Authorizer | None = None,
    scopes: tuple[str, ...] = (),
) -> Route:
    """A route with a Lambda proxy integration, or with none."""
    integration = None if function is None else Integration("i", "AWS_PROXY", function_uri(function), "2.0")
    responses = (RouteResponse("$default"),) if responds else ()
    return Route(key, authorization_type, scopes, authorizer, integration, responses)


def api(*routes: Route, protocol: str = "WEBSOCKET", cors: CorsConfiguration | None = None) -> Api:
    """An API with these routes and the stage ``dev``."""
    by_key = {route.route_key: route for route in routes}
    return Api("abc123", protocol, {"dev": Stage("dev", auto_deploy=True, routes=by_key)}, cors=cors)


def throttles(quotas: AccountQuotas | None = None) -> Throttles:
    """AWS's throttles, or those of other quotas, on a clock that stands still."""
    return Throttles(FakeClock(), quotas or AccountQuotas())


def ticket_authorizer() -> Authorizer:
    """A REQUEST authorizer whose identity source is the ticket in the query string."""
    sources = ("route.request.querystring.ticket",)
    return Authorizer("a1", "REQUEST", function_uri("authorizer"), sources)


def jwt_authorizer(issuer: str, *audience: str) -> Authorizer:
    """A JWT authorizer on the Authorization header."""
    configuration = JwtConfiguration(issuer, audience)
    sources = ("$request.header.Authorization",)
    return Authorizer("a1", "JWT", "", sources, jwt_configuration=configuration)


def policy(effect: str, resource: str = "*", **context: Any) -> dict[str, Any]:
    """What a Lambda authorizer returns."""
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": "user-1",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
