"""Frames of an open WebSocket: their routes, their answers, their errors."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from localcloud.settings import AccountQuotas
from tests.localcloud.apis.websocket_world import (
    DEFAULT_RESPONSE,
    serving,
    until,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


async def test_frame_with_route_response_is_answered(served: Served) -> None:
    """The integration's body reaches the client where the route has a route response."""
    client = await served.connect()
    await client.send('{"action":"echo","n":1}')
    assert await client.recv() == '{"action":"echo","n":1}'


async def test_frame_without_route_response_is_not_answered(served: Served) -> None:
    """The body of a route without a route response stays here."""
    client = await served.connect()
    await client.send('{"action":"silent"}')
    await until(lambda: served.functions.seen("silent"))
    await client.send('{"action":"echo"}')
    assert await client.recv() == '{"action":"echo"}'


async def test_frames_of_one_connection_run_concurrently(served: Served) -> None:
    """Two frames are in their functions at one time: the first ends only once the second runs."""
    both = asyncio.Barrier(2)

    async def meet(event: Any) -> dict[str, Any]:
        async with asyncio.timeout(20):
            await both.wait()
        return {"statusCode": 200, "body": json.loads(event["body"])["n"]}

    served.functions.handlers["echo"] = meet
    client = await served.connect()
    await client.send('{"action":"echo","n":"one"}')
    await client.send('{"action":"echo","n":"two"}')
    assert {await client.recv(), await client.recv()} == {"one", "two"}


async def test_unknown_route_answers_forbidden_in_aws_spacing(served: Served) -> None:
    """Without a route and a ``$default``, the client gets AWS's error frame."""
    client = await served.connect()
    await client.send('{"action":"nothing"}')
    frame = await client.recv()
    answer = json.loads(frame)
    assert frame == (
        f'{{"message": "Forbidden", "connectionId":"{served.connection_id()}", '
        f'"requestId":"{answer["requestId"]}"}}'
    )


async def test_message_beyond_its_routes_throttle_is_too_many_requests(served: Served) -> None:
    """An error frame; the connection stays, and the route serves again once its bucket refills."""
    limits = {"throttlingBurstLimit": 1, "throttlingRateLimit": 1}
    served.deploy(stages=[{"stageName": "dev", "routeSettings": {"echo": limits}}])
    client = await served.connect()
    assert await served.ask(client) == '{"action":"echo"}'
    assert await served.ask_for_error(client) == "Too Many Requests"
    served.clock.time += 1
    assert await served.ask(client) == '{"action":"echo"}'
    assert len(served.functions.seen("echo")) == 2


async def test_message_beyond_the_accounts_throttle_is_too_many_requests() -> None:
    """The account's bucket is shared: ``$connect`` took the first of two."""
    async with serving(AccountQuotas(requests_per_second=1, request_burst=2)) as served:
        client = await served.connect()
        assert await served.ask(client) == '{"action":"echo"}'
        assert await served.ask_for_error(client) == "Too Many Requests"


async def test_integration_that_times_out_is_an_internal_server_error(served: Served) -> None:
    """The function's late answer reaches nobody."""
    late = asyncio.Event()

    async def slow(_: Any) -> dict[str, Any]:
        await late.wait()
        return {"statusCode": 200, "body": "late"}

    served.functions.handlers["slow"] = slow
    route = {
        "routeKey": "slow",
        "function": "slow",
        "timeoutInMillis": 50,
        "routeResponses": DEFAULT_RESPONSE,
    }
    served.deploy(route)
    client = await served.connect()
    assert await served.ask_for_error(client, '{"action":"slow"}') == "Internal server error"
    late.set()
    assert await served.ask(client) == '{"action":"echo"}'


async def test_function_that_api_gateway_may_not_invoke_is_an_internal_server_error(served: Served) -> None:
    """The policy is asked about the route, once until the control plane changes; a permission mends it."""
    client = await served.connect()
    served.control_plane.not_permitted.add("echo")
    assert await served.ask_for_error(client) == "Internal server error"
    assert await served.ask_for_error(client) == "Internal server error"
    assert not served.functions.seen("echo")
    arn = "arn:aws:execute-api:us-east-1:000000000000:ws1/dev"
    assert served.control_plane.invocation_sources == [
        ("connect", f"{arn}/$connect"),
        ("echo", f"{arn}/echo"),
    ]
    served.control_plane.not_permitted.clear()
    served.control_plane.generation += 1
    assert await served.ask(client) == '{"action":"echo"}'


async def test_integration_with_a_role_of_its_own_asks_no_function_policy(served: Served) -> None:
    """``CredentialsArn`` allows it in the policy's place."""
    for integration in served.control_plane.resources["/v2/apis/ws1/integrations"]["items"]:
        integration["credentialsArn"] = "arn:aws:iam::000000000000:role/gateway"
    served.control_plane.not_permitted.add("echo")
    client = await served.connect()
    assert await served.ask(client) == '{"action":"echo"}'
    assert not served.control_plane.invocation_sources


async def test_route_that_wants_an_api_key_is_forbidden(served: Served) -> None:
    """No key is ever known here, and no such route stands open: neither a frame's nor ``$connect``."""
    served.deploy({"routeKey": "echo", "function": "echo", "apiKeyRequired": True})
    client = await served.connect()
    assert await served.ask_for_error(client) == "Forbidden"
    served.deploy({"routeKey": "$connect", "function": "connect", "apiKeyRequired": "true"})
    assert await served.refusal(additional_headers={"x-api-key": "k"}) == 403
    assert len(served.functions.seen("connect")) == 1
    assert not served.functions.seen("echo")


async def test_mock_integration_of_a_frame_answers_nothing(served: Served) -> None:
    """No function runs and no error comes; response templates are not served."""
    served.deploy({"routeKey": "mock", "integrationType": "MOCK", "routeResponses": DEFAULT_RESPONSE})
    client = await served.connect()
    await client.send('{"action":"mock"}')
    assert await served.ask(client) == '{"action":"echo"}'


async def test_integration_of_another_kind_is_an_internal_server_error(served: Served) -> None:
    """HTTP_PROXY and AWS service integrations are not served."""
    served.deploy({"routeKey": "echo", "integrationType": "HTTP_PROXY"})
    client = await served.connect()
    assert await served.ask_for_error(client) == "Internal server error"
