"""Access logs: the lines that a stage's format makes, and when and where they are written."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.apis.access_logs import AccessLogs, access_log_line
from localcloud.apis.catalog import Catalog
from localcloud.observations import MessageSent, RequestServed
from tests.localcloud.apis.apis_fakes import NOW, FakeClock
from tests.localcloud.apis.http_world import LoggingControlPlane, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/apigateway/chat"
CONTEXT = {"requestId": "r1", "status": "200", "identity.sourceIp": "127.0.0.1", "error.message": ""}


def stage(log_format: str = "$context.requestId $context.status", arn: str = GROUP) -> dict[str, Any]:
    """A stage that logs, as GetStages lists it."""
    settings = {"destinationArn": arn, "format": log_format}
    return {"stageName": "$default", "accessLogSettings": settings}


def request(context: Callable[[], Mapping[str, str]] = lambda: CONTEXT) -> RequestServed:
    """A request to the API ``http1``."""
    return RequestServed(
        api_id="http1",
        stage="$default",
        protocol="HTTP",
        route_key="GET /me",
        status=200,
        latency_ms=1.0,
        integration_latency_ms=None,
        integration_failed=False,
        context=context,
    )


@pytest.mark.parametrize(
    ("log_format", "line"),
    [
        ('{"id":"$context.requestId","s":$context.status}', '{"id":"r1","s":200}'),
        ("$context.identity.sourceIp - [$context.status]", "127.0.0.1 - [200]"),
        ('<request id="$context.requestId"/>', '<request id="r1"/>'),
        ("$context.requestId,$context.status.", "r1,200."),
        ("$context.nothing $context.identity $context.error.message", "- - -"),
        ("price: $5 $stageVariables.x", "price: $5 $stageVariables.x"),
    ],
)
def test_format_is_filled_with_the_requests_variables(log_format: str, line: str) -> None:
    """JSON, CLF, XML and CSV are text alike; what has no value is a dash."""
    assert access_log_line(log_format, CONTEXT) == line


async def test_request_is_logged_with_its_variables() -> None:
    """Every variable that our stack's format and AWS's examples use has its value."""
    names = (
        *("requestId", "extendedRequestId", "requestTime", "requestTimeEpoch", "httpMethod", "path"),
        *("routeKey", "status", "protocol", "responseLength", "responseLatency", "identity.sourceIp"),
        *("identity.userAgent", "integrationLatency", "integrationStatus", "integration.status", "stage"),
        *("accountId", "apiId", "domainName", "dataProcessed", "error.message", "authorizer.error"),
    )
    world = World()
    log_format = json.dumps({name: f"$context.{name}" for name in names})
    world.deploy({"routeKey": "GET /me/{id}", "function": "me"}, stages=[stage(log_format)])
    response = await world.client.get("/me/7?ticket=secret", headers={"user-agent": "tester"})
    await world.gateway.close()
    [(group, _, at, line)] = world.control_plane.logged
    assert (group, at) == ("/aws/apigateway/chat", int(NOW * 1000))
    logged = json.loads(line)
    assert logged["requestId"] == logged["extendedRequestId"] == response.headers["apigw-requestid"]
    assert (logged["requestTime"], logged["requestTimeEpoch"]) == (
        "21/Nov/2026:01:13:40 +0000",
        "1795223620250",
    )
    assert (logged["httpMethod"], logged["path"], logged["routeKey"]) == ("GET", "/me/7", "GET /me/{id}")
    assert (logged["status"], logged["responseLength"], logged["dataProcessed"]) == ("200", "12", "12")
    assert (logged["integrationStatus"], logged["integration.status"]) == ("200", "200")
    assert (logged["error.message"], logged["authorizer.error"]) == ("-", "-")
    assert (logged["identity.userAgent"], logged["stage"], logged["apiId"]) == ("tester", "$default", "http1")
    assert int(logged["responseLatency"]) >= int(logged["integrationLatency"]) >= 0
    assert "secret" not in line


async def test_refused_request_is_logged_with_its_error() -> None:
    """Also one that takes no route."""
    world = World()
    world.deploy(
        {"routeKey": "GET /me", "function": "me"},
        stages=[
            stage("$context.status $context.error.message $context.error.messageString $context.routeKey")
        ],
    )
    await world.client.get("/other")
    await world.gateway.close()
    assert [text for *_, text in world.control_plane.logged] == ['404 Not Found "Not Found" -']


async def test_body_above_10_mb_is_logged() -> None:
    """Though it was not read."""
    world = World()
    world.deploy(
        {"routeKey": "POST /me", "function": "me"}, stages=[stage("$context.status $context.error.message")]
    )
    await world.client.post("/me", content=b"x" * (10 * 1024 * 1024 + 1))
    await world.gateway.close()
    assert world.control_plane.logged[0][3].endswith("413 Request Entity Too Large")


def logs(stages: list[dict[str, Any]]) -> tuple[LoggingControlPlane, Catalog, AccessLogs]:
    """Access logs of the API ``http1`` over a fake control plane."""
    control_plane = LoggingControlPlane()
    control_plane.deploy("http1", "HTTP", [], stages=stages)
    catalog = Catalog(control_plane)
    return control_plane, catalog, AccessLogs(control_plane, catalog, FakeClock(), flush_seconds=0.01)


async def test_lines_are_written_together_and_by_themselves() -> None:
    """A moment later, in order, though nobody closes anything."""
    control_plane, _, access_logs = logs([stage("$context.n")])
    for number in range(3):
        access_logs.note(request(functools.partial(dict, n=str(number))))
    assert control_plane.logged == []
    async with asyncio.timeout(20):
        await control_plane.has_logged.wait()
    assert [text for *_, text in control_plane.logged] == ["0", "1", "2"]


async def test_line_that_comes_while_others_are_written_is_written_too() -> None:
    """The context of the first is made while a second request is told of."""
    control_plane, _, access_logs = logs([stage("$context.n")])

    def first() -> dict[str, str]:
        access_logs.note(request(lambda: {"n": "1"}))
        return {"n": "0"}

    access_logs.note(request(first))
    await access_logs.close()
    assert [text for *_, text in control_plane.logged] == ["0", "1"]


async def test_context_is_not_made_where_nobody_asks_for_it() -> None:
    """A stage without a log, and other observations, cost nothing."""

    def unwanted() -> dict[str, str]:
        raise AssertionError("nobody asked")

    control_plane, catalog, access_logs = logs([{"stageName": "$default"}])
    await catalog.api("http1")
    access_logs.note(request(unwanted))
    access_logs.note(MessageSent("http1", "$default", "c=", 1))
    await access_logs.close()
    assert control_plane.logged == []


async def test_api_that_changes_meanwhile_is_logged_by_its_new_settings() -> None:
    """No line is lost because the catalog has to be read again."""
    control_plane, _, access_logs = logs([{"stageName": "$default"}])
    control_plane.deploy("http1", "HTTP", [], stages=[stage("$context.status", f"{GROUP}:*")])
    access_logs.note(request())
    await access_logs.close()
    assert [(group, text) for group, _, _, text in control_plane.logged] == [("/aws/apigateway/chat", "200")]


@pytest.mark.parametrize(
    "arn", ["", "arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-x"]
)
async def test_destination_that_is_no_log_group_is_left_alone(arn: str) -> None:
    """Firehose is not emulated."""
    control_plane, _, access_logs = logs([stage(arn=arn)])
    access_logs.note(request())
    await access_logs.close()
    assert control_plane.logged == []


async def test_line_that_cannot_be_made_costs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours is logged, and the rest is written."""

    def broken() -> dict[str, str]:
        raise ValueError("broken context")

    control_plane, _, access_logs = logs([stage("$context.status")])
    access_logs.note(request(broken))
    access_logs.note(request())
    await access_logs.close()
    assert [text for *_, text in control_plane.logged] == ["200"]
    assert "broken context" in caplog.text
