"""The gateway behind real uvicorn, spoken to by websockets' client and boto3's management client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.exceptions
import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State

from localcloud.apis import Gateway
from localcloud.interfaces import Denied, NoFaults
from localcloud.observations import Observations
from localcloud.websocket_protocol import WebSocketProtocol
from tests.localcloud.apis.apis_fakes import (
    FakeClock,
    FakeControlPlane,
    FakeFunctions,
    HandlerError,
    function_uri,
    policy,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

DEFAULT_RESPONSE = [{"routeResponseId": "rr", "routeResponseKey": "$default"}]


@dataclass
class Served:
    """A gateway that serves on a port, and what stands behind it."""

    host: str
    gateway: Gateway
    control_plane: FakeControlPlane
    functions: FakeFunctions
    clock: FakeClock
    server: uvicorn.Server
    open: list[ClientConnection] = field(default_factory=list)

    @property
    def websocket_url(self) -> str:
        """The stage's address."""
        return f"ws://{self.host}/_aws/execute-api/ws1/dev"

    async def connect(self, query: str = "", **options: Any) -> ClientConnection:
        """A client's connection."""
        client = await connect(self.websocket_url + query, **options)
        self.open.append(client)
        return client

    def management(self) -> Any:
        """boto3's client of the management API."""
        return boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=f"http://{self.host}/_aws/execute-api/ws1/dev",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator's root
            config=botocore.config.Config(retries={"max_attempts": 0}),
        )

    def connection_id(self) -> str:
        """The id of the last connection that was made."""
        identifier: str = self.functions.seen("connect")[-1]["requestContext"]["connectionId"]
        return identifier


async def until(holds: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until ``holds()`` is true; fail after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is awaited happens elsewhere
            await asyncio.sleep(0.005)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A WebSocket API with routes of every kind, served on a free port."""
    control_plane, clock = FakeControlPlane(), FakeClock()
    functions = FakeFunctions(
        {
            "connect": lambda _: {"statusCode": 200},
            "disconnect": lambda _: {"statusCode": 200},
            "echo": lambda event: {"statusCode": 200, "body": event["body"]},
            "silent": lambda event: {"statusCode": 200, "body": event["body"]},
        }
    )
    control_plane.deploy(
        "ws1",
        "WEBSOCKET",
        [
            {"routeKey": "$connect", "function": "connect"},
            {"routeKey": "$disconnect", "function": "disconnect"},
            {"routeKey": "echo", "function": "echo", "routeResponses": DEFAULT_RESPONSE},
            {"routeKey": "silent", "function": "silent"},
        ],
        routeSelectionExpression="$request.body.action",
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        gateway = Gateway(control_plane, functions, clock, host, Observations(), NoFaults())
        config = uvicorn.Config(
            gateway,
            ws=WebSocketProtocol,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        # Started and stopped by hand: serve() would look for its end only ten times a second.
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup([listener])
        state = Served(host, gateway, control_plane, functions, clock, server)
        yield state
        for client in state.open:
            await client.close()
        await server.shutdown([listener])
        await gateway.close()


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
        async with asyncio.timeout(5):
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


@pytest.mark.parametrize(("answered", "status"), [(400, 400), (403, 403), (503, 503)])
async def test_connect_integration_status_is_the_upgrades_status(
    served: Served, answered: int, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal of ``$connect`` passes through, and the server takes it for no fault."""
    served.functions.handlers["connect"] = lambda _: {"statusCode": answered}
    with pytest.raises(InvalidStatus) as raised:
        await served.connect()
    assert raised.value.response.status_code == status
    assert not len(served.gateway.websocket.connections)
    await until(lambda: not served.server.server_state.tasks)
    assert "without completing handshake" not in caplog.text


async def test_connect_integration_crash_is_502(served: Served) -> None:
    """A ``$connect`` function that raises makes a bad gateway."""

    def crash(_: Any) -> None:
        raise HandlerError("boom")

    served.functions.handlers["connect"] = crash
    with pytest.raises(InvalidStatus) as raised:
        await served.connect()
    assert raised.value.response.status_code == 502


@pytest.mark.parametrize("path", ["ws1/prod", "ws1", "ws1/dev/more", "gone/dev"])
async def test_upgrade_that_reaches_no_stage_is_403(served: Served, path: str) -> None:
    """An unknown stage or API, and whatever is not a stage's own URL, are forbidden."""
    with pytest.raises(InvalidStatus) as raised:
        await connect(f"ws://{served.host}/_aws/execute-api/{path}")
    assert raised.value.response.status_code == 403


async def test_host_form_reaches_the_api(served: Served) -> None:
    """The API is also found by the host name that AWS gives it."""
    client = await connect(
        f"ws://ws1.execute-api.localhost:{served.host.partition(':')[2]}/dev", host="127.0.0.1"
    )
    served.open.append(client)
    context = served.functions.seen("connect")[-1]["requestContext"]
    assert context["domainName"].startswith("ws1.execute-api.localhost:")


async def test_plain_get_on_stage_is_426(served: Served) -> None:
    """The stage's URL wants an upgrade."""
    async with httpx.AsyncClient() as client:
        response = await client.get(f"http://{served.host}/_aws/execute-api/ws1/dev")
    assert response.status_code == 426


async def test_authorizer_context_stands_on_every_later_event(served: Served) -> None:
    """The authorizer's context, as strings and with principalId, is on CONNECT, MESSAGE and DISCONNECT."""
    served.control_plane.deploy(
        "ws1",
        "WEBSOCKET",
        [
            {
                "routeKey": "$connect",
                "function": "connect",
                "authorizationType": "CUSTOM",
                "authorizerId": "a1",
            },
            {"routeKey": "$disconnect", "function": "disconnect"},
            {"routeKey": "$default", "function": "echo", "routeResponses": DEFAULT_RESPONSE},
        ],
        authorizers=[
            {
                "authorizerId": "a1",
                "authorizerType": "REQUEST",
                "authorizerUri": function_uri("authorizer"),
                "identitySource": ["route.request.querystring.ticket"],
            }
        ],
    )
    served.functions.handlers["authorizer"] = lambda _: policy("Allow", userId="u1", n=7, yes=True)
    with pytest.raises(InvalidStatus) as raised:
        await served.connect()
    assert raised.value.response.status_code == 401
    client = await served.connect("?ticket=t1")
    await client.send("hello")
    await client.recv()
    await client.close()
    await until(lambda: served.functions.seen("disconnect"))
    expected = {"userId": "u1", "n": "7", "yes": "true", "principalId": "user-1"}
    for name in ("connect", "echo", "disconnect"):
        assert served.functions.seen(name)[-1]["requestContext"]["authorizer"] == expected


async def test_disconnect_carries_the_clients_close_code(served: Served) -> None:
    """``$disconnect`` says how the client closed."""
    client = await served.connect()
    await client.close(4001, "bye")
    await until(lambda: served.functions.seen("disconnect"))
    context = served.functions.seen("disconnect")[-1]["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "bye")


async def test_post_reaches_the_client_and_is_authorized(served: Served) -> None:
    """boto3's post_to_connection makes a text frame, after IAM was asked about the connection's ARN."""
    client = await served.connect()
    identifier = served.connection_id()
    await asyncio.to_thread(
        served.management().post_to_connection, ConnectionId=identifier, Data="hällo".encode()
    )
    assert await client.recv() == "hällo"
    resource = f"arn:aws:execute-api:us-east-1:000000000000:ws1/dev/POST/@connections/{identifier}"
    assert served.control_plane.authorized == [("execute-api", "execute-api:ManageConnections", resource)]


async def test_get_connection_describes_it_in_camel_case(served: Served) -> None:
    """boto3 parses connectedAt, identity and lastActiveAt."""
    await served.connect(user_agent_header="tester")
    answer = await asyncio.to_thread(served.management().get_connection, ConnectionId=served.connection_id())
    assert answer["ConnectedAt"].timestamp() == served.clock.time
    assert answer["LastActiveAt"].timestamp() == served.clock.time
    assert answer["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "tester"}


async def test_delete_connection_closes_it_and_fires_disconnect(served: Served) -> None:
    """DELETE closes the socket normally; ``$disconnect`` says so."""
    client = await served.connect()
    await asyncio.to_thread(served.management().delete_connection, ConnectionId=served.connection_id())
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 1000
    await until(lambda: served.functions.seen("disconnect"))
    context = served.functions.seen("disconnect")[-1]["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (
        1000,
        "Connection Closed Normally",
    )


async def test_post_to_closed_connection_is_gone(served: Served) -> None:
    """boto3 raises GoneException for a connection that has been."""
    client = await served.connect()
    await client.close()
    await until(lambda: served.functions.seen("disconnect"))
    management = served.management()
    with pytest.raises(management.exceptions.GoneException):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")


async def test_post_during_its_own_connect_is_gone(served: Served) -> None:
    """Nothing can be posted before ``$connect`` has returned."""
    management = served.management()

    async def post(event: Any) -> dict[str, int]:
        identifier = event["requestContext"]["connectionId"]
        with pytest.raises(management.exceptions.GoneException):
            await asyncio.to_thread(management.post_to_connection, ConnectionId=identifier, Data=b"x")
        return {"statusCode": 200}

    served.functions.handlers["connect"] = post
    client = await served.connect()
    assert client.state is State.OPEN


async def test_denied_post_is_forbidden_and_reaches_nobody(served: Served) -> None:
    """IAM's no is boto3's ForbiddenException, with IAM's reason."""
    client = await served.connect()
    served.control_plane.denied = Denied("AccessDeniedException", "User u is not authorized")
    management = served.management()
    with pytest.raises(management.exceptions.ForbiddenException, match="User u is not authorized"):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")
    await client.send('{"action":"echo"}')
    assert await client.recv() == '{"action":"echo"}'


async def test_oversized_post_is_refused(served: Served) -> None:
    """More than 128 KB is boto3's PayloadTooLargeException; exactly 128 KB arrives."""
    client = await served.connect(max_size=None)
    management = served.management()
    most = b"x" * 131072
    await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=most)
    assert len(await client.recv()) == 131072
    with pytest.raises(management.exceptions.PayloadTooLargeException):
        await asyncio.to_thread(
            management.post_to_connection, ConnectionId=served.connection_id(), Data=most + b"x"
        )


async def test_slow_reader_makes_posts_fail_and_memory_stay(served: Served) -> None:
    """A client that does not read gets LimitExceededException for its senders."""
    client = await served.connect(max_size=None, max_queue=1, compression=None)
    client.transport.pause_reading()
    session = served.gateway.websocket.connections.find("ws1", "dev", served.connection_id())
    assert session is not None
    management = served.management()

    def post_until_refused() -> None:
        for _ in range(200):
            management.post_to_connection(ConnectionId=served.connection_id(), Data=b"x" * 131072)

    with pytest.raises(management.exceptions.LimitExceededException):
        await asyncio.to_thread(post_until_refused)
    assert session.lifecycle.outgoing_bytes <= 1_048_576
    await asyncio.to_thread(management.delete_connection, ConnectionId=served.connection_id())
    served.clock.time += 10
    served.gateway.websocket.connections.sweep()
    assert not len(served.gateway.websocket.connections), "a client that answers no close frame is given up"
    await until(lambda: served.functions.seen("disconnect"))
    client.transport.abort()


async def test_binary_frame_closes_with_1003(served: Served) -> None:
    """There are no binary media types."""
    client = await served.connect()
    await client.send(b"\x00")
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 1003


async def test_large_frame_closes_with_1009_and_fires_disconnect(served: Served) -> None:
    """A frame above 32 KB closes the socket; a fragmented message of 120 KB passes."""
    client = await served.connect(max_size=None, compression=None)
    text = json.dumps({"action": "echo", "pad": "x" * 120_000})
    await client.send([text[start : start + 30_000] for start in range(0, len(text), 30_000)])
    assert await client.recv() == text
    with contextlib.suppress(ConnectionClosed):
        await client.send("x" * 33_000)
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 1009
    await until(lambda: served.functions.seen("disconnect"))
    assert served.functions.seen("disconnect")[-1]["requestContext"]["disconnectStatusCode"] == 1009


async def test_idle_connection_is_closed_going_away(served: Served) -> None:
    """Ten minutes without a message end a connection, and ``$disconnect`` hears of it."""
    client = await served.connect()
    served.clock.time += 600
    served.gateway.websocket.connections.sweep()
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert (raised.value.rcvd.code, raised.value.rcvd.reason) == (1001, "Going away")
    await until(lambda: served.functions.seen("disconnect"))
    assert served.functions.seen("disconnect")[-1]["requestContext"]["disconnectStatusCode"] == 1001


async def test_subprotocol_of_the_connect_integration_is_agreed(served: Served) -> None:
    """What ``$connect`` returns as Sec-WebSocket-Protocol is what the client gets."""
    served.functions.handlers["connect"] = lambda _: {
        "statusCode": 200,
        "headers": {"Sec-WebSocket-Protocol": "chat.v1"},
    }
    client = await served.connect(subprotocols=["chat.v2", "chat.v1"])
    assert client.subprotocol == "chat.v1"
