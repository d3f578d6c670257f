"""Between ASGI's messages and whole requests and responses."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from localcloud.interfaces import Request, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from localcloud.interfaces import Headers


def raw_headers(headers: Mapping[str, object]) -> Headers:
    """Headers as ASGI carries them, from text."""
    return tuple(
        (name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()
    )


_WITHOUT_LENGTH = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class TooLarge(Exception):  # noqa: N818 - named as HTTP names it
    """The body is larger than the limit."""


class Disconnected(Exception):  # noqa: N818 - it is an event
    """The client went away before its request was whole."""


async def read_request(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    *,
    largest_bytes: int,
) -> Request:
    """Read a request whole.

    Raises:
        TooLarge: its body is larger than ``largest_bytes``; what was read is dropped.
        Disconnected: the client went away.
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > largest_bytes:
            chunks.clear()  # and read on: who is still sending when the connection closes sees no answer
        else:
            chunks.append(chunk)
        more = message.get("more_body", False)
    if size > largest_bytes:
        raise TooLarge
    return _request(scope, chunks[0] if len(chunks) == 1 else b"".join(chunks))


def request_without_body(scope: MutableMapping[str, Any]) -> Request:
    """A request as far as it is known without reading its body."""
    return _request(scope, b"")


def _request(scope: MutableMapping[str, Any], body: bytes) -> Request:
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=scope["path"],
        raw_path=scope.get("raw_path") or scope["path"].encode(),
        query_string=scope["query_string"],
        headers=scope["headers"],
        body=body,
        client_host=client[0] if client else "127.0.0.1",
    )


async def send_response(
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]], response: Response
) -> None:
    """Send a whole response."""
    headers = [*response.headers]
    if response.status not in _WITHOUT_LENGTH:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
