"""HTTP APIs over a real connection: what only bytes on the wire can show."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served

PREFIX = "/_aws/execute-api/http1"


def deploy(served: Served, status: int = 200, body: str = "brewed") -> None:
    """Deploy an HTTP API whose function answers this."""
    route = {"routeKey": "ANY /tea", "function": "tea"}
    served.control_plane.deploy("http1", "HTTP", [route], stages=[{"stageName": "$default"}])
    served.functions.handlers["tea"] = lambda _: {"statusCode": status, "body": body}


async def exchange(served: Served, method: str, path: str, content: bytes = b"") -> tuple[str, bytes]:
    """The head and the body that a client reads which sends all before it reads anything."""
    host, _, port = served.host.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"{method} {PREFIX}{path} HTTP/1.1\r\nHost: {served.host}\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    await writer.drain()
    async with asyncio.timeout(30):
        answer, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return answer.decode().lower(), body


async def test_head_has_the_headers_of_get_and_no_body(served: Served) -> None:
    """Also the length that the body would have."""
    deploy(served)
    head, body = await exchange(served, "HEAD", "/tea")
    assert head.startswith("http/1.1 200")
    assert "content-length: 6" in head
    assert body == b""


@pytest.mark.parametrize("status", [204, 304])
async def test_response_without_content_says_no_length(served: Served, status: int) -> None:
    """HTTP forbids it for 204, and for 304 it would be that of another response."""
    deploy(served, status, "")
    head, body = await exchange(served, "GET", "/tea")
    assert head.startswith(f"http/1.1 {status}")
    assert "content-length" not in head
    assert "transfer-encoding" not in head
    assert body == b""


async def test_client_that_sends_too_much_reads_its_413(served: Served) -> None:
    """The connection is not reset under a client that is still sending."""
    deploy(served)
    head, body = await exchange(served, "POST", "/tea", b"x" * (11 * 1024 * 1024))
    assert head.startswith("http/1.1 413")
    assert body == b'{"message":"Request Entity Too Large"}'
