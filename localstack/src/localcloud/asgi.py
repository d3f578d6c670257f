"""The one dispatch: which part of localcloud answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from localcloud.http import Disconnected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Serve = Callable[[Scope, Receive, Send], Awaitable[None]]


class Part(Protocol):
    """A part of localcloud that answers some requests."""

    def owns(self, scope: Scope) -> bool:
        """Whether it answers this one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it."""


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
