"""HTTP APIs: routes, stages, responses of functions, and limits, through the gateway."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.apis.apis_fakes import HandlerError
from tests.localcloud.apis.http_world import World

if TYPE_CHECKING:
    from localcloud.interfaces import Invocation


@pytest.fixture
def world() -> World:
    """A gateway over fakes."""
    return World()


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/chats", "GET /chats"),
        ("DELETE", "/chats", "ANY /chats"),
        ("GET", "/chats/c1", "GET /chats/{chatId}"),
        ("GET", "/chats/mine", "GET /chats/mine"),
        ("GET", "/chats/c1/more/still", "ANY /chats/{proxy+}"),
        ("POST", "/chats/c1", "ANY /chats/{proxy+}"),
        ("GET", "/elsewhere", "$default"),
        ("GET", "/", "$default"),
    ],
)
async def test_route_of_highest_priority_is_taken(world: World, method: str, path: str, key: str) -> None:
    """A full match before a greedy one, literals before parameters, a method before ANY, then $default."""
    keys = (
        "$default",
        "ANY /chats/{proxy+}",
        "GET /chats/{chatId}",
        "GET /chats/mine",
        "ANY /chats",
        "GET /chats",
    )
    world.deploy(*({"routeKey": key, "function": "me"} for key in keys))
    assert (await world.client.request(method, path)).text == key


async def test_request_without_route_is_404(world: World) -> None:
    """AWS's words for it."""
    world.deploy({"routeKey": "GET /chats", "function": "me"})
    response = await world.client.get("/elsewhere")
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


async def test_api_that_is_not_there_is_404(world: World) -> None:
    """Nor is there a gateway without APIs."""
    assert (await world.client.get("/chats")).status_code == 404


async def test_named_stage_stays_in_the_raw_path(world: World) -> None:
    """The stage selects nothing but stands in the event's paths; an unknown one is 404."""
    world.deploy({"routeKey": "GET /chats/{chatId}", "function": "me"}, stages=[{"stageName": "v1"}])
    assert (await world.client.get("/v1/chats/dm%3Aa%2Fb")).status_code == 200
    event = world.functions.seen("me")[0]
    assert event["rawPath"] == "/v1/chats/dm:a/b"
    assert event["pathParameters"] == {"chatId": "dm:a/b"}
    assert event["requestContext"]["stage"] == "v1"
    assert (await world.client.get("/v2/chats/x")).status_code == 404


async def test_structured_response_has_status_headers_cookies_and_body(world: World) -> None:
    """Header names in any case, cookies as one Set-Cookie each, base64 decoded, no multi-value headers."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "image/png", "X-Count": 7},
            "multiValueHeaders": {"x-many": ["a", "b"]},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "isBase64Encoded": True,
            "body": base64.b64encode(b"\x00\xff").decode(),
        }
    )
    response = await world.client.get("/me")
    assert (response.status_code, response.content) == (201, b"\x00\xff")
    assert response.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-count"] == "7"
    assert "x-many" not in response.headers


@pytest.mark.parametrize("value", ["hello", {"ok": True}, [1], None])
async def test_plain_json_is_the_body_of_a_200(world: World, value: Any) -> None:
    """Without a statusCode the function's JSON is the response."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer(value)
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (200, value)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "many"},
        {"statusCode": 42},
        {"statusCode": 200, "body": {"not": "a string"}},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
        {"statusCode": 200, "headers": {"x-split": "a\r\nset-cookie: forged=1"}},
    ],
)
async def test_malformed_response_is_500(world: World, value: Any) -> None:
    """What is no response makes an internal error."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer(value)
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


async def test_crashing_function_is_500(world: World) -> None:
    """The function's error stays in its logs."""

    def crash(_: Any) -> None:
        raise HandlerError("secret")

    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.functions.handlers["me"] = crash
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


async def test_function_that_outlasts_the_timeout_is_503_and_runs_on(world: World) -> None:
    """The integration's timeout ends the wait, not the function."""
    ended, release = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> None:
        await release.wait()
        ended.set()

    world.deploy({"routeKey": "GET /me", "function": "me", "timeoutInMillis": 50})
    world.functions.handlers["me"] = slow
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
    release.set()
    async with asyncio.timeout(20):
        await ended.wait()


async def test_throttled_function_is_503(world: World) -> None:
    """No environment to be had."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.functions.throttled = True
    assert (await world.client.get("/me")).status_code == 503


async def test_missing_function_is_500(world: World) -> None:
    """A route to a function that was deleted."""
    world.deploy({"routeKey": "GET /me", "function": "gone"})
    assert (await world.client.get("/me")).status_code == 500


async def test_body_above_10_mb_is_413(world: World) -> None:
    """Exactly 10 MB passes."""
    world.deploy({"routeKey": "POST /me", "function": "me"})
    most = b"x" * (10 * 1024 * 1024)
    assert (await world.client.post("/me", content=most)).status_code == 200
    assert (await world.client.post("/me", content=most + b"x")).status_code == 413


async def test_request_line_and_headers_above_10240_bytes_are_431(world: World) -> None:
    """Names do not count; one byte less passes."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    others = sum(len(value) for value in world.client.headers.values()) + len("127.0.0.1:4566")
    most = 10_240 - others - len("GET /me? HTTP/1.1")
    assert (await world.client.get("/me", headers={"x-pad": "x" * most})).status_code == 200
    response = await world.client.get("/me", headers={"x-pad": "x" * (most + 1)})
    assert response.status_code == 431
    assert response.json() == {"message": "HTTP header is larger than 10240 bytes."}


async def test_unserved_authorization_never_stands_open(world: World) -> None:
    """A route whose kind of authorization is unknown answers 500 and not with its function."""
    world.deploy({"routeKey": "GET /me", "function": "me", "authorizationType": "SOMETHING"})
    assert (await world.client.get("/me")).status_code == 500
    assert not world.functions.events


async def test_change_of_the_api_is_served_at_once(world: World) -> None:
    """The cache goes when the control plane's generation grows, and not before."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    await world.client.get("/me")
    reads = len(world.control_plane.reads)
    await world.client.get("/me")
    assert len(world.control_plane.reads) == reads
    world.deploy({"routeKey": "GET /you", "function": "me"})
    assert (await world.client.get("/you")).status_code == 200
    assert (await world.client.get("/me")).status_code == 404


async def test_fault_of_the_execution_plane_is_500_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Not the function's fault, but whoever waits is answered."""

    async def broken(function: str, payload: bytes) -> Invocation:
        raise OSError(f"no memory for {function} and {len(payload)} bytes")

    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.functions.invoke = broken  # type: ignore[method-assign]
    assert (await world.client.get("/me")).status_code == 500
    assert "no memory for" in caplog.text


@pytest.mark.parametrize(
    "settings",
    [
        {"defaultRouteSettings": {"throttlingRateLimit": 1, "throttlingBurstLimit": 2}},
        {"routeSettings": {"GET /me": {"throttlingRateLimit": 1, "throttlingBurstLimit": 2}}},
    ],
)
async def test_request_over_the_stages_or_routes_throttle_is_429(world: World, settings: Any) -> None:
    """The burst passes, the next is refused before its authorizer, and time lets one more pass."""
    world.deploy({"routeKey": "GET /me", "function": "me"}, stages=[{"stageName": "$default", **settings}])
    statuses = [(await world.client.get("/me")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await world.client.get("/me")).json() == {"message": "Too Many Requests"}
    world.clock.time += 1
    assert (await world.client.get("/me")).status_code == 200


async def test_every_response_names_its_request(world: World) -> None:
    """``apigw-requestid``, the same as in the event and in the access log, and not the function's to set."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer({"statusCode": 200, "headers": {"Apigw-Requestid": "forged"}})
    response = await world.client.get("/me")
    assert response.headers.get_list("apigw-requestid") == [world.event()["requestContext"]["requestId"]]
    assert world.variables()["requestId"] == response.headers["apigw-requestid"]
    assert "apigw-requestid" in (await world.client.get("/other")).headers


async def test_head_takes_the_route_of_any_and_not_that_of_get(world: World) -> None:
    """HEAD is a method of its own."""
    world.deploy({"routeKey": "GET /get", "function": "me"}, {"routeKey": "ANY /any", "function": "me"})
    assert (await world.client.head("/get")).status_code == 404
    assert (await world.client.head("/any")).status_code == 200
    assert world.event()["requestContext"]["http"]["method"] == "HEAD"


async def test_service_integration_is_500_and_never_a_function(world: World) -> None:
    """An integration subtype, such as SQS-SendMessage, is not emulated."""
    world.deploy(
        {"routeKey": "GET /me", "function": "me", "integration": {"integrationSubtype": "SQS-SendMessage"}}
    )
    assert (await world.client.get("/me")).status_code == 500
    assert not world.functions.events


FORMAT_1_0 = {"routeKey": "GET /me", "function": "me", "payloadFormatVersion": "1.0"}


async def test_format_1_0_response_has_headers_of_several_values(world: World) -> None:
    """``multiValueHeaders`` replace ``headers`` of the same name; ``cookies`` mean nothing."""
    world.deploy(FORMAT_1_0)
    world.answer(
        {
            "statusCode": 201,
            "headers": {"X-One": "1", "X-Many": "single"},
            "multiValueHeaders": {"X-Many": ["a", "b"], "Set-Cookie": ["a=1", "b=2"]},
            "cookies": ["c=3"],
            "body": "made",
        }
    )
    response = await world.client.get("/me")
    assert (response.status_code, response.text) == (201, "made")
    assert response.headers.get_list("x-many") == ["a", "b"]
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert response.headers["x-one"] == "1"
    assert world.event()["version"] == "1.0"


@pytest.mark.parametrize("value", ["hello", {"ok": True}, None])
async def test_format_1_0_response_without_status_code_is_500(world: World, value: Any) -> None:
    """Format 2.0 alone infers a response."""
    world.deploy(FORMAT_1_0)
    world.answer(value)
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


async def test_request_is_told_with_its_latencies_and_route(world: World) -> None:
    """One observation a request; the integration's share where one was called."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    await world.client.get("/me")
    await world.client.get("/other")
    called, refused = world.served
    assert (called.protocol, called.route_key, called.status) == ("HTTP", "GET /me", 200)
    assert called.integration_latency_ms is not None
    assert called.latency_ms >= called.integration_latency_ms > 0
    assert (refused.route_key, refused.status, refused.integration_latency_ms) == ("", 404, None)
    assert (called.data_processed, called.detailed_metrics) == (len("GET /me"), False)


async def test_stage_says_which_routes_have_detailed_metrics(world: World) -> None:
    """For one route here."""
    stage = {"stageName": "$default", "routeSettings": {"GET /me": {"detailedMetricsEnabled": True}}}
    world.deploy({"routeKey": "GET /me", "function": "me"}, stages=[stage])
    await world.client.get("/me")
    await world.client.get("/other")
    assert [served.detailed_metrics for served in world.served] == [True, False]


async def test_failed_function_is_told_as_a_failed_integration(world: World) -> None:
    """Its own 5xx is not."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer({"statusCode": 503})
    await world.client.get("/me")
    world.answer({"statusCode": "many"})
    await world.client.get("/me")
    assert [(served.status, served.integration_failed) for served in world.served] == [
        (503, False),
        (500, True),
    ]
    assert world.variables()["integrationErrorMessage"] == "the function's answer is not a proxy response"


@pytest.mark.parametrize(
    ("key", "path", "source"),
    [
        ("GET /chats/{chatId}", "/chats/7", "GET/chats/{chatId}"),
        ("ANY /chats", "/chats", "GET/chats"),
        ("$default", "/x/y", "$default"),
    ],
)
async def test_functions_policy_is_asked_about_the_route(
    world: World, key: str, path: str, source: str
) -> None:
    """The source is the route's ARN, with the names of its path parameters, as templates write it."""
    world.deploy({"routeKey": key, "function": "me"}, stages=[{"stageName": "v1"}])
    assert (await world.client.get(f"/v1{path}")).status_code == 200
    arn = f"arn:aws:execute-api:us-east-1:000000000000:http1/v1/{source}"
    assert world.control_plane.invocation_sources == [("me", arn)]


async def test_function_whose_policy_does_not_permit_the_api_is_500(world: World) -> None:
    """The permission that is easily forgotten; a role of the integration's own needs none."""
    world.control_plane.not_permitted = {"me"}
    world.deploy({"routeKey": "GET /me", "function": "me"})
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})
    assert not world.functions.events
    role = {"credentialsArn": "arn:aws:iam::000000000000:role/gateway"}
    world.deploy({"routeKey": "GET /me", "function": "me", "integration": role})
    assert (await world.client.get("/me")).status_code == 200
