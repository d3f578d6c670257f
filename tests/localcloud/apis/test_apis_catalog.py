"""The catalog reads AWS's own JSON, and addresses name what it holds."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from localcloud.apis.addresses import parse_address
from localcloud.apis.catalog import Catalog, CatalogError
from localcloud.apis.policies import Allowed, Refused, judge
from localcloud.apis.resources import AccessLogSettings, RouteSettings, Stage, function_of
from localcloud.interfaces import Invocation, Request, Response
from tests.localcloud.apis.apis_fakes import FakeControlPlane, api, function_uri


async def test_catalog_links_routes_with_what_they_name() -> None:
    """Integration, authorizer and route responses stand at their route."""
    control_plane = FakeControlPlane()
    route = {
        "routeKey": "send",
        "function": "send",
        "authorizationType": "CUSTOM",
        "authorizerId": "a1",
        "routeResponses": [{"routeResponseId": "x", "routeResponseKey": "$default"}],
    }
    authorizer = {"authorizerId": "a1", "authorizerType": "REQUEST", "authorizerUri": "uri"}
    control_plane.deploy("ws1", "WEBSOCKET", [route], authorizers=[authorizer])
    read = await Catalog(control_plane).api("ws1")
    assert read is not None
    linked = read.stages["dev"].routes["send"]
    assert linked.integration is not None
    assert linked.integration.integration_uri == function_uri("send")
    assert linked.integration.timeout == 29.0
    assert linked.authorizer is not None
    assert linked.authorizer.authorizer_type == "REQUEST"
    assert linked.responds
    assert read.stages["dev"].stage_name == "dev"


async def test_catalog_reads_once_for_many_who_ask_at_once() -> None:
    """A thousand connections after a deployment make one read."""
    control_plane = FakeControlPlane()
    control_plane.deploy("ws1", "WEBSOCKET", [{"routeKey": "send", "function": "send"}])
    catalog = Catalog(control_plane)
    await asyncio.gather(*(catalog.api("ws1") for _ in range(100)))
    assert control_plane.reads.count("/v2/apis/ws1") == 1


async def test_catalog_failure_of_the_control_plane_says_what_failed() -> None:
    """Anything but 200 and 404 is an error in one sentence."""

    class Broken(FakeControlPlane):
        async def call(self, service: str, request: Request) -> Response:
            return Response(500, (), f"{service} {request.path} is broken".encode())

    with pytest.raises(CatalogError, match=r"Reading /v2/apis/ws1 .* failed: 500"):
        await Catalog(Broken()).api("ws1")


async def test_catalog_change_during_a_read_is_read_again() -> None:
    """A write that passes while an API is read never leaves a stale entry behind."""

    class Changing(FakeControlPlane):
        async def call(self, service: str, request: Request) -> Response:
            response = await super().call(service, request)
            if request.path == "/v2/apis/ws1" and self.generation == 1:
                self.deploy("ws1", "WEBSOCKET", [{"routeKey": "new", "function": "f"}])
            return response

    control_plane = Changing()
    control_plane.deploy("ws1", "WEBSOCKET", [{"routeKey": "old", "function": "f"}])
    read = await Catalog(control_plane).api("ws1")
    assert read is not None
    assert set(read.stages["dev"].routes) == {"new"}


@pytest.mark.parametrize(
    ("uri", "function"),
    [
        (function_uri("send"), "arn:aws:lambda:us-east-1:000000000000:function:send"),
        ("arn:aws:lambda:us-east-1:000000000000:function:send:live",) * 2,
        (function_uri("${stageVariables.fn}"), "arn:aws:lambda:us-east-1:000000000000:function:blue"),
    ],
)
def test_function_of_uri_is_its_arn(uri: str, function: str) -> None:
    """The wrapper falls away, stage variables are put in."""
    assert function_of(uri, Stage("dev", {"fn": "blue"})) == function


def scope(raw_path: str, host: str = "127.0.0.1:4566") -> dict[str, Any]:
    """An ASGI scope."""
    return {"path": raw_path, "raw_path": raw_path.encode(), "headers": [(b"host", host.encode())]}


@pytest.mark.parametrize(
    ("raw_path", "host", "expected"),
    [
        ("/_aws/execute-api/abc/dev", "h", ("abc", "/dev", "127.0.0.1:4566/_aws/execute-api/abc")),
        ("/_aws/execute-api/abc", "h", ("abc", "/", "127.0.0.1:4566/_aws/execute-api/abc")),
        (
            "/dev/@connections/x%3D",
            "abc.execute-api.localhost:4566",
            ("abc", "/dev/@connections/x%3D", "abc.execute-api.localhost:4566"),
        ),
        (
            "/dev",
            "abc.execute-api.localhost.localstack.cloud:4566",
            ("abc", "/dev", "abc.execute-api.localhost.localstack.cloud:4566"),
        ),
        (
            "/_aws/execute-api/abc/dev",
            "localhost.localstack.cloud:4566",
            ("abc", "/dev", "127.0.0.1:4566/_aws/execute-api/abc"),
        ),
        (
            "/dev",
            "abc.execute-api.us-east-1.amazonaws.com",
            ("abc", "/dev", "127.0.0.1:4566/_aws/execute-api/abc"),
        ),
    ],
)
def test_address_has_two_forms(raw_path: str, host: str, expected: tuple[str, str, str]) -> None:
    """By path and by host, LocalStack's names too; what events name never leads to AWS."""
    address = parse_address(scope(raw_path, host), "127.0.0.1:4566")
    assert address is not None
    assert (address.api_id, address.raw_path, address.domain_name) == expected


@pytest.mark.parametrize(
    ("raw_path", "host"),
    [
        ("/_aws/execute-api/", "127.0.0.1:4566"),
        ("/_aws/execute-api/%C3%A9/dev", "127.0.0.1:4566"),
        ("/", "127.0.0.1:4566"),
        ("/", "execute-api.us-east-1.amazonaws.com"),
        ("/", "a.b.execute-api.localhost"),
        ("/restapis/abc/dev/_user_request_/x", "localhost.localstack.cloud:4566"),
    ],
)
def test_address_of_no_api_is_none(raw_path: str, host: str) -> None:
    """What names no API belongs to other parts."""
    assert parse_address(scope(raw_path, host), "127.0.0.1:4566") is None


def test_address_without_a_stage_name_takes_the_default_stage() -> None:
    """Only where the API has one."""
    address = parse_address(scope("/_aws/execute-api/abc/chats/c1"), "h")
    assert address is not None
    assert address.stage_of(api()) is None
    with_default = api()
    with_default.stages["$default"] = Stage("$default")  # type: ignore[index]
    assert address.stage_of(with_default) == (Stage("$default"), "/chats/c1")


ARN = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect"


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([("Allow", "execute-api:Invoke", ARN)], True),
        ([("Allow", "EXECUTE-API:invoke", "arn:aws:execute-api:*:*:abc/*")], True),
        ([("Allow", ["execute-api:*"], [ARN.replace("dev", "prod"), ARN.replace("dev", "de?")])], True),
        ([("Allow", "execute-api:ManageConnections", "*")], False),
        ([("Allow", "execute-api:Invoke", ARN.replace("dev", "prod"))], False),
        ([("Allow", "*", "*"), ("Deny", "*", ARN)], False),
        ([("Deny", "*", ARN.replace("dev", "prod")), ("Allow", "*", "*")], True),
        (
            [("Allow", "execute-api:Invoke", "arn:aws:execute-api:us-east-1:000000000000:abc/dev/.connect")],
            False,
        ),
    ],
)
def test_policy_counts_every_statement_and_deny_wins(statements: list[Any], allowed: bool) -> None:
    """Wildcards as IAM has them; an action in any case; the order does not matter."""
    document = [{"Effect": e, "Action": a, "Resource": r} for e, a, r in statements]
    result = {"principalId": "u", "policyDocument": {"Version": "2012-10-17", "Statement": document}}
    verdict = judge(Invocation("r", json.dumps(result).encode()), ARN)
    assert isinstance(verdict, Allowed) is allowed
    assert allowed or (isinstance(verdict, Refused) and verdict.status == 403)


async def test_catalog_reads_a_stages_settings() -> None:
    """Throttles, metrics and the access log stand at the stage; a route's own settings come first."""
    stage = {
        "stageName": "dev",
        "defaultRouteSettings": {"throttlingRateLimit": 2000.0, "throttlingBurstLimit": 1000},
        "routeSettings": {"send": {"throttlingRateLimit": 5, "detailedMetricsEnabled": True}},
        "accessLogSettings": {"destinationArn": "arn:aws:logs:::log-group:l", "format": "$context.requestId"},
    }
    control_plane = FakeControlPlane()
    control_plane.deploy("ws1", "WEBSOCKET", [], stages=[stage, {"stageName": "bare"}])
    read = await Catalog(control_plane).api("ws1")
    assert read is not None
    assert read.stages["dev"].settings_of("list") == RouteSettings(2000, 1000)
    assert read.stages["dev"].settings_of("send") == RouteSettings(5, None, detailed_metrics_enabled=True)
    assert read.stages["dev"].access_log_settings == AccessLogSettings(
        "arn:aws:logs:::log-group:l", "$context.requestId"
    )
    assert read.stages["bare"].access_log_settings is None
