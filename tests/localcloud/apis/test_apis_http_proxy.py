"""HTTP_PROXY integrations: the request that another server receives, and its response on the way back."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.apis.http_world import World

if TYPE_CHECKING:
    from collections.abc import Iterator


class Backend(ThreadingHTTPServer):
    """A server behind the API, remembering what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _BackendRequest)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.released = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the gateway has hung up on a slow answer, as it should."""


class _BackendRequest(BaseHTTPRequestHandler):
    server: Backend
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        if self.path == "/slow":
            self.server.released.wait(10)
        self.send_response(418)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Type", "text/teapot")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"short")

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def backend() -> Iterator[Backend]:
    """A server on this machine."""
    with Backend() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def proxied(uri: str, key: str = "ANY /me", **fields: Any) -> World:
    """A gateway with a route to another server."""
    world = World()
    integration = {"integrationType": "HTTP_PROXY", "integrationUri": uri, "payloadFormatVersion": "1.0"}
    world.deploy({"routeKey": key, "integration": integration | fields})
    return world


async def test_request_goes_on_with_method_query_headers_and_body(backend: Backend) -> None:
    """And with what a proxy says of itself and of the client."""
    world = proxied(f"{backend.url}/up?fixed=1")
    await world.client.put("/me?a=1&b=%20", content=b"body", headers={"x-own": "kept"})
    await world.gateway.close()
    [(method, path, headers, body)] = backend.requests
    assert (method, path, body) == ("PUT", "/up?fixed=1&a=1&b=%20", b"body")
    assert headers["x-own"] == "kept"
    assert headers["host"] == backend.url.removeprefix("http://")
    assert headers["via"] == "HTTP/1.1 AmazonAPIGateway"
    assert "for=127.0.0.1;host=127.0.0.1:4566" in headers["forwarded"]
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


async def test_response_comes_back_as_it_is(backend: Backend) -> None:
    """Status, repeated headers and body."""
    world = proxied(f"{backend.url}/up")
    response = await world.client.get("/me")
    await world.gateway.close()
    assert (response.status_code, response.content) == (418, b"short")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert response.headers["content-type"] == "text/teapot"
    assert world.variables()["integration.status"] == "418"


async def test_callers_share_no_cookies_and_gain_no_headers(backend: Backend) -> None:
    """What one caller's response sets does not go out with the next caller's request."""
    world = proxied(f"{backend.url}/up")
    await world.client.get("/me")
    world.client.cookies.clear()
    await world.client.get("/me", headers={"user-agent": "own"})
    await world.gateway.close()
    headers = backend.requests[1][2]
    assert "cookie" not in headers
    assert headers["user-agent"] == "own"


async def test_path_parameters_are_put_into_the_url(backend: Backend) -> None:
    """Also a greedy one, with its slashes."""
    world = proxied(f"{backend.url}/base/{{proxy}}", "ANY /{proxy+}")
    await world.client.get("/a/b%20c")
    await world.gateway.close()
    assert backend.requests[0][1] == "/base/a/b%20c"


async def test_integration_method_replaces_the_requests(backend: Backend) -> None:
    """Unless it is ANY."""
    world = proxied(f"{backend.url}/up", integrationMethod="POST")
    await world.client.get("/me")
    await world.gateway.close()
    assert backend.requests[0][0] == "POST"


async def test_path_may_be_overwritten(backend: Backend) -> None:
    """A parameter mapping of the path replaces the URL's."""
    parameters = {"overwrite:path": "/v2${request.path}"}
    world = proxied(f"{backend.url}/up", "ANY /{proxy+}", requestParameters=parameters)
    await world.client.get("/a%20b?q=1")
    await world.gateway.close()
    assert backend.requests[0][1] == "/v2/a%20b?q=1"


async def test_server_that_cannot_be_reached_is_503() -> None:
    """Nothing listens there."""
    world = proxied("http://127.0.0.1:1/up")
    response = await world.client.get("/me")
    await world.gateway.close()
    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
    assert world.served[0].integration_failed


async def test_server_that_outlasts_the_timeout_is_504(backend: Backend) -> None:
    """The integration's TimeoutInMillis."""
    world = proxied(f"{backend.url}/slow", timeoutInMillis=100)
    response = await world.client.get("/me")
    backend.released.set()
    await world.gateway.close()
    assert (response.status_code, response.json()) == (504, {"message": "Gateway Timeout"})


async def test_requests_of_several_clients_run_side_by_side(backend: Backend) -> None:
    """A slow one does not hold the others."""
    world = proxied(f"{backend.url}/{{proxy}}", "ANY /{proxy+}")
    slow = asyncio.ensure_future(world.client.get("/slow"))
    assert (await world.client.get("/quick")).status_code == 418
    backend.released.set()
    assert (await slow).status_code == 418
    await world.gateway.close()
