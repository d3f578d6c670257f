"""The one dispatch: which part of localcloud answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from localcloud.http import Disconnected, send_response
from localcloud.interfaces import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Part(Protocol):
    """A part of localcloud that answers some requests."""

    def owns(self, scope: Scope) -> bool:
        """Whether it answers this one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it."""


class Health:
    """``GET /_localcloud/health``: ready, and what runs."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        """Answer ``facts``."""
        self._body = msgspec.json.encode({"status": "ready", **facts})

    def owns(self, scope: Scope) -> bool:
        """The one path."""
        return (scope["type"], scope["path"]) == ("http", "/_localcloud/health")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer, whatever the method."""
        await send_response(send, Response(200, ((b"content-type", b"application/json"),), self._body))


class Dispatch:
    """An ASGI application of parts; the first that owns a request answers it."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """Ask ``parts`` in this order; the last must own everything."""
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        for part in self._parts:
            if part.owns(scope):
                try:
                    await part(scope, receive, send)
                except Disconnected:
                    return
                return
