"""The model service behind real sockets: a WebSocket and REST routes."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from parley_client.driver import Endpoints
from tests.client.fake_rest import PEOPLE, FakeRest
from tests.client.model_service import ModelService, error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.client.model_service import Pushes

CHAT = "dm:ann:bob"


def access_token(user: str, lifetime: float = 3600) -> str:
    """Return what looks like a Cognito access token of a user; its signature is nobody's."""
    claims = {"sub": user, "username": user, "exp": int(time.time() + lifetime)}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


def user_of(token: str) -> str:
    """Return whose token this is."""
    payload = token.split(".")[1]
    user: str = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
    return user


class FakeService:
    """One service: what it holds, whom it refuses, and who is connected."""

    def __init__(self) -> None:
        """Hold one chat between ann and bob."""
        self.model = ModelService({CHAT: ("ann", "bob")})
        self.rest = FakeRest(self.model)
        self.endpoints = Endpoints(websocket_url="", http_api_url="")
        self.refused_tokens: set[str] = set()
        self.refuse_sends: str | None = None
        self.break_files_off = False
        """Whether a file that is fetched ends before it is whole."""
        self.limited_tickets = 0
        """How many requests for a ticket are answered with a limit of 300 ms."""
        self.throttled_connects = 0
        """How many upgrades are answered with HTTP 429, before their tickets are looked at."""
        self.accepted = 0
        self.connections: dict[ServerConnection, str] = {}
        self.http_requests: list[tuple[str, str]] = []
        self._tickets: dict[str, str] = {}
        self._seen_tokens: set[str] = set()

    # The WebSocket.

    async def admit(self, _: ServerConnection, request: Request) -> Response | None:
        """Let a connection in that spends a ticket."""
        if self.throttled_connects:
            self.throttled_connects -= 1
            return Response(429, "Too Many Requests", Headers({"Content-Length": "0"}), b"")
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        if ticket in self._tickets:
            return None
        return Response(403, "Forbidden", Headers({"Content-Length": "0"}), b"")

    async def converse(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        assert connection.request is not None
        user = self._tickets.pop(parse_qs(urlsplit(connection.request.path).query)["ticket"][0])
        self.accepted += 1
        self.connections[connection] = user
        try:
            async for data in connection:
                await self._serve(connection, user, json.loads(data))
        finally:
            del self.connections[connection]

    async def _serve(self, connection: ServerConnection, user: str, request: dict[str, Any]) -> None:
        if request["action"] == "sendMessage" and self.refuse_sends is not None:
            await connection.send(json.dumps(error(request, self.refuse_sends, definite=True)))
            return
        pushes: Pushes = []
        if request["action"] == "getMessages":
            answer = self._history(request)
        elif request["action"] == "getUsers":
            users = [{"userId": name, "username": name} for name in PEOPLE if name.startswith(request["q"])]
            answer = {"type": "users", "requestId": request["requestId"], "users": users}
        else:
            answer, pushes = self.model.answer(user, request)
        await self._push(pushes, but=connection)
        await connection.send(json.dumps(answer))

    async def _push(self, pushes: Pushes, but: ServerConnection | None = None) -> None:
        for recipient, frame in pushes:
            for other, name in list(self.connections.items()):
                if name == recipient and other is not but:
                    await other.send(json.dumps(frame))

    async def _end_sessions(self) -> None:
        """Refuse the tokens of who has signed out everywhere, and close their connections."""
        self.refused_tokens |= {
            token for token in self._seen_tokens if user_of(token) in self.rest.signed_out
        }
        for connection, name in list(self.connections.items()):
            if name in self.rest.signed_out:
                await connection.close()
        self.rest.signed_out.clear()

    def _history(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["chatId"] not in self.model.logs:
            return error(request, "unknown_chat", definite=True)
        log = self.model.logs[request["chatId"]]
        end = request.get("before", len(log) + 1) - 1
        if "around" in request:
            end = min(len(log), request["around"] + request.get("limit", 50) // 2)
        start = max(0, end - request.get("limit", 50))
        page = {"type": "messages", "requestId": request["requestId"], "chatId": request["chatId"]}
        return {**page, "messages": log[start:end], "hasMore": start > 0}

    # The HTTP API.

    async def answer_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one HTTP request and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.http_requests.append((method, path))
        status, answer = self._route(
            method, path, headers.get("authorization", "").removeprefix("Bearer "), body
        )
        pushes, self.rest.pushes = self.rest.pushes, []
        await self._push(pushes)
        await self._end_sessions()
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        length = len(content) + (self.break_files_off and path.startswith("/files/"))
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode() + content
        )
        await writer.drain()
        writer.close()

    def _route(self, method: str, path: str, token: str, body: bytes) -> tuple[int, object]:
        if (method, path) == ("POST", "/"):
            return self._sign_in(json.loads(body)["AuthParameters"])
        if (method, path) == ("POST", "/files"):
            return self.rest.keep(body)
        if path.startswith("/files/"):
            return 200, self.rest.files[path.removeprefix("/files/").partition("?")[0]]
        user = user_of(token)
        self._seen_tokens.add(token)
        if token in self.refused_tokens:
            return 401, {"message": "Unauthorized"}
        if (method, path) == ("POST", "/tickets"):
            return self._ticket(user)
        return self.rest.answer(user, method, path, json.loads(body or b"{}"))

    def _ticket(self, user: str) -> tuple[int, object]:
        if self.limited_tickets:
            self.limited_tickets -= 1
            limit = {"code": "too_many_requests", "message": "Wait.", "definite": True, "retryAfterMs": 300}
            return 429, {"error": limit}
        ticket = f"ticket-{len(self.http_requests)}"
        self._tickets[ticket] = user
        return 200, {"ticket": ticket, "expiresAt": "2026-11-21T00:00:00.000Z"}

    def _sign_in(self, parameters: dict[str, str]) -> tuple[int, object]:
        """Answer Cognito's InitiateAuth; everybody's password is their name, backwards."""
        name = parameters["USERNAME"]
        if parameters["PASSWORD"] != name[::-1]:
            return 400, {"__type": "NotAuthorizedException", "message": "Incorrect username or password."}
        tokens = {"AccessToken": access_token(name), "RefreshToken": "x", "ExpiresIn": 3600}
        return 200, {"AuthenticationResult": tokens}


@asynccontextmanager
async def running_service(service: FakeService | None = None) -> AsyncIterator[FakeService]:
    """Run a service, a new one unless given, on free ports of the loopback."""
    service = service or FakeService()
    websocket: Server
    http = await asyncio.start_server(service.answer_http, "127.0.0.1", 0)
    async with (
        http,
        serve(service.converse, "127.0.0.1", 0, process_request=service.admit, close_timeout=1) as websocket,
    ):
        websocket_port = next(iter(websocket.sockets)).getsockname()[1]
        http_port = http.sockets[0].getsockname()[1]
        service.endpoints = Endpoints(
            websocket_url=f"ws://127.0.0.1:{websocket_port}/test",
            http_api_url=f"http://127.0.0.1:{http_port}/",
        )
        service.rest.url = service.endpoints.http_api_url
        yield service
