"""A WebSocket API's gateway over fakes behind real uvicorn, and clients of it: websockets' and boto3's."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from localcloud.apis import Gateway
from localcloud.observations import Observation, Observations
from localcloud.settings import AccountQuotas
from localcloud.websocket_protocol import HttpProtocol, WebSocketProtocol
from tests.localcloud.apis.apis_fakes import (
    FakeClock,
    FakeControlPlane,
    FakeFaults,
    FakeFunctions,
    function_uri,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

DEFAULT_RESPONSE = [{"routeResponseId": "rr", "routeResponseKey": "$default"}]
ROUTES: tuple[Mapping[str, Any], ...] = (
    {"routeKey": "$connect", "function": "connect"},
    {"routeKey": "$disconnect", "function": "disconnect"},
    {"routeKey": "echo", "function": "echo", "routeResponses": DEFAULT_RESPONSE},
    {"routeKey": "silent", "function": "silent"},
)
GUARDED = {"routeKey": "$connect", "function": "connect", "authorizationType": "CUSTOM", "authorizerId": "a1"}
AUTHORIZER = {
    "authorizerId": "a1",
    "authorizerType": "REQUEST",
    "authorizerUri": function_uri("authorizer"),
    "identitySource": ["route.request.querystring.ticket"],
}


@dataclass
class Served:
    """A gateway that serves on a port, and what stands behind it."""

    host: str
    gateway: Gateway
    control_plane: FakeControlPlane
    functions: FakeFunctions
    clock: FakeClock
    faults: FakeFaults
    observed: list[Observation]
    server: uvicorn.Server
    open: list[ClientConnection] = field(default_factory=list)

    @property
    def websocket_url(self) -> str:
        """The stage's address."""
        return f"ws://{self.host}/_aws/execute-api/ws1/dev"

    def deploy(self, *routes: Mapping[str, Any], **extra: Any) -> None:
        """Deploy the API anew, with these routes in place of those of the same key."""
        by_key = {route["routeKey"]: route for route in (*ROUTES, *routes)}
        self.control_plane.deploy("ws1", "WEBSOCKET", list(by_key.values()), **extra)

    async def connect(self, query: str = "", **options: Any) -> ClientConnection:
        """A client's connection."""
        client = await connect(self.websocket_url + query, **options)
        self.open.append(client)
        return client

    async def refusal(self, query: str = "", **options: Any) -> int:
        """The status with which an upgrade is refused."""
        try:
            await self.connect(query, **options)
        except InvalidStatus as refused:
            return refused.response.status_code
        raise AssertionError("The upgrade was accepted.")

    async def ask(self, client: ClientConnection, frame: str = '{"action":"echo"}') -> str:
        """Send a frame; the next message that comes."""
        await client.send(frame)
        return str(await client.recv())

    async def ask_for_error(self, client: ClientConnection, frame: str = '{"action":"echo"}') -> str:
        """Send a frame; the message of the error frame that comes."""
        message: str = json.loads(await self.ask(client, frame))["message"]
        return message

    def management(self, stage: str = "dev") -> Any:
        """boto3's client of the management API."""
        return management_client(f"http://{self.host}/_aws/execute-api/ws1/{stage}")

    async def post(self, data: bytes, connection_id: str = "") -> None:
        """Post to a connection, by default the last that was made."""
        identifier = connection_id or self.connection_id()
        await asyncio.to_thread(self.management().post_to_connection, ConnectionId=identifier, Data=data)

    def connection_id(self) -> str:
        """The id of the last connection that was made."""
        identifier: str = self.functions.seen("connect")[-1]["requestContext"]["connectionId"]
        return identifier

    async def disconnected(self) -> tuple[int, str]:
        """Code and reason in the next ``$disconnect`` event."""
        await until(lambda: self.functions.seen("disconnect"))
        context = self.functions.seen("disconnect")[-1]["requestContext"]
        return context["disconnectStatusCode"], context["disconnectReason"]

    def let_time_pass(self, seconds: float) -> None:
        """Set the clock forward and let every connection look at it."""
        self.clock.time += seconds
        self.gateway.websocket.connections.sweep()


def management_client(endpoint_url: str) -> Any:
    """boto3's client of the management API, which tries once."""
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's root
        config=botocore.config.Config(retries={"max_attempts": 0}),
    )


async def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until ``holds()`` is true; fail after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is awaited happens elsewhere
            await asyncio.sleep(0.005)


async def closing(client: ClientConnection) -> tuple[int, str]:
    """Code and reason of the close frame that ends the connection; 1006 where none comes."""
    async with asyncio.timeout(20):
        try:
            while True:
                await client.recv()
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


async def upgrade_by_hand(host: str, headers: Sequence[str], path: str = "/_aws/execute-api/ws1/dev") -> str:
    """Ask for an upgrade with exactly these headers; the head of the answer."""
    reader, writer = await asyncio.open_connection(*host.split(":"))
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    await writer.wait_closed()
    return head


@asynccontextmanager
async def serving(quotas: AccountQuotas | None = None) -> AsyncIterator[Served]:
    """A WebSocket API with routes of every kind, served on a free port."""
    control_plane, clock, faults = FakeControlPlane(), FakeClock(), FakeFaults()
    functions = FakeFunctions(
        {
            "connect": lambda _: {"statusCode": 200},
            "disconnect": lambda _: {"statusCode": 200},
            "echo": lambda event: {"statusCode": 200, "body": event["body"]},
            "silent": lambda event: {"statusCode": 200, "body": event["body"]},
        }
    )
    observations, observed = Observations(), list[Observation]()
    observations.listen(observed.append)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        gateway = Gateway(
            control_plane, functions, clock, host, observations, faults, quotas or AccountQuotas()
        )
        config = uvicorn.Config(
            gateway,
            http=HttpProtocol,
            ws=WebSocketProtocol,
            proxy_headers=False,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        # Started and stopped by hand: serve() would look for its end only ten times a second.
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup([listener])
        state = Served(host, gateway, control_plane, functions, clock, faults, observed, server)
        state.deploy()
        yield state
        for client in state.open:
            await client.close()
        await server.shutdown([listener])
        await gateway.close()
