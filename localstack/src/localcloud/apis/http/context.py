"""What is known of one request to an HTTP API on its way: the source of its events and of ``$context``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from localcloud.apis.exchange import json_response
from localcloud.apis.identifiers import common_log_time, new_trace_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.addresses import Address
    from localcloud.apis.http.routes import Match
    from localcloud.apis.resources import Stage
    from localcloud.interfaces import Request, Response

_HTTP_PORT = b"80"


class Refusal(Exception):  # noqa: N818 - it is an answer
    """API Gateway answers by itself and calls no integration."""

    def __init__(self, status: int, message: str, *headers: tuple[bytes, bytes], reason: str = "") -> None:
        """Answer ``message`` with ``status``; an authorizer's ``reason`` is for the access log alone."""
        super().__init__(reason or message)
        self.message = message
        self.reason = reason
        self.response: Response = json_response(status, {"message": message}, *headers)


@dataclass(frozen=True, slots=True)
class Authorized:
    """The caller may pass, and what is known of it."""

    kind: str = ""
    """``jwt``, ``lambda`` or ``iam``; empty on an open route."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """``requestContext.authorizer`` of payload format 2.0, below its kind."""
    principal_id: str = ""
    """What a Lambda authorizer that answers with a policy says of whom it is for."""

    @property
    def identity(self) -> dict[str, str]:
        """Who signed the request, as payload format 1.0 and access logs name it; empty where nobody did."""
        if self.kind != "iam":
            return {}
        facts = self.facts
        names = {name: facts[name] for name in ("accessKey", "accountId", "userArn")}
        return names | {"caller": facts["callerId"], "user": facts["userId"]}

    def variables(self) -> dict[str, str]:
        """``$context.authorizer...`` and, for a signed request, ``$context.identity...``."""
        if self.kind == "iam":
            return {f"identity.{name}": value for name, value in self.identity.items()}
        facts = self.facts.get("claims", {}) if self.kind == "jwt" else self.facts
        prefix = "authorizer.claims" if self.kind == "jwt" else "authorizer"
        variables = {f"{prefix}.{name}": str(value) for name, value in facts.items()}
        if self.principal_id:
            variables["authorizer.principalId"] = self.principal_id
        return variables


@dataclass(slots=True)
class IntegrationCall:
    """What came of calling an integration."""

    latency_ms: float = 0.0
    status: int | None = None
    """The status that it answered; None where nothing came."""
    error: str = ""
    """Why there is no usable answer."""


@dataclass(slots=True)
class RequestContext:
    """A request, its stage, and what becomes of it."""

    request: Request
    """As it arrived."""
    forwarded: Request
    """As authorizers and integrations see it: with the headers that a proxy adds."""
    address: Address
    stage: Stage
    raw_path: str
    """The path after the stage, percent-encoded."""
    account_id: str
    execute_api_arn: str
    """The API's, without a stage."""
    request_id: str
    received_at: float
    """Seconds since the epoch."""
    started: float
    """The same instant by ``time.perf_counter``."""
    match: Match | None = None
    authorized: Authorized = field(default_factory=Authorized)
    refusal: Refusal | None = None
    integration: IntegrationCall | None = None
    response: Response | None = None
    latency_ms: float = 0.0

    @property
    def route_key(self) -> str:
        """The route's key; empty where there is no route."""
        return self.match.route.route_key if self.match else ""

    def variables(self) -> dict[str, str]:
        """``$context`` as access logs name it; what has no value is left out."""
        request, response, call = self.request, self.response, self.integration
        variables = {
            "accountId": self.account_id,
            "apiId": self.address.api_id,
            "domainName": self.address.domain_name,
            "domainPrefix": self.address.api_id,
            "extendedRequestId": self.request_id,
            "httpMethod": request.method,
            "identity.sourceIp": request.client_host,
            "identity.userAgent": request.header("user-agent"),
            "path": self.address.raw_path,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": common_log_time(self.received_at),
            "requestTimeEpoch": str(int(self.received_at * 1000)),
            "responseLatency": str(round(self.latency_ms)),
            "routeKey": self.route_key,
            "stage": self.stage.stage_name,
            **self.authorized.variables(),
        }
        if response is not None:
            length = str(len(response.body))
            variables |= {"status": str(response.status), "responseLength": length}
            variables["dataProcessed"] = str(len(request.body) + len(response.body))
        if self.refusal is not None:
            quoted = f'"{self.refusal.message}"'
            variables |= {"error.message": self.refusal.message, "error.messageString": quoted}
            variables["authorizer.error"] = self.refusal.reason
        if call is not None:
            variables |= _integration_variables(call)
        return {name: value for name, value in variables.items() if value}


def _integration_variables(call: IntegrationCall) -> dict[str, str]:
    status = "" if call.status is None else str(call.status)
    latency = str(round(call.latency_ms))
    return {
        "integration.error": call.error,
        "integration.integrationStatus": status,
        "integration.latency": latency,
        "integration.status": status,
        "integrationErrorMessage": call.error,
        "integrationLatency": latency,
        "integrationStatus": status,
    }


def with_forwarding_headers(request: Request, scheme: str, now: float) -> Request:
    """The request with ``X-Amzn-Trace-Id`` and ``X-Forwarded-For``, ``-Port`` and ``-Proto``.

    A trace that the client began goes on, and its address joins those of proxies before.
    """
    replaced = {b"x-amzn-trace-id", b"x-forwarded-for", b"x-forwarded-port", b"x-forwarded-proto"}
    trace = request.header("x-amzn-trace-id") or new_trace_id(now)
    before = request.header("x-forwarded-for")
    client = f"{before}, {request.client_host}" if before else request.client_host
    port = request.header("host").rpartition(":")[2]
    added = (
        (b"x-amzn-trace-id", trace.encode("latin-1")),
        (b"x-forwarded-for", client.encode("latin-1")),
        (b"x-forwarded-port", port.encode("latin-1") if port.isdecimal() else _HTTP_PORT),
        (b"x-forwarded-proto", scheme.encode("latin-1")),
    )
    kept = (header for header in request.headers if header[0] not in replaced)
    return replace(request, headers=(*kept, *added))
