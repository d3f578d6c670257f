"""uvicorn's protocols as API Gateway needs them: AWS's limits, little memory, and a way to drop a client."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.server import ServerProtocol

from localcloud.apis.websocket.limits import MAXIMUM_FRAME_BYTES, MAXIMUM_MESSAGE_BYTES

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGISendEvent

# zlib keeps 2^(bits + 2) + 2^(level + 9) bytes for what a connection sends and 2^bits for what it receives:
# 7 KB here, where uvicorn's own 12 and 5 make 36. What is said is short, so little compression is lost.
_COMPRESSION = ServerPerMessageDeflateFactory(
    server_max_window_bits=10, client_max_window_bits=10, compress_settings={"memLevel": 2}
)
_LOGGER = logging.getLogger("uvicorn.error")


class OneWrite:
    """The transport of one response, whose head waits for the first of its body: one packet, one wake-up."""

    __slots__ = ("_head", "_transport", "_waits")

    def __init__(self, transport: asyncio.Transport) -> None:
        """Write to ``transport``."""
        self._transport = transport
        self._waits = True
        self._head = b""

    def write(self, data: bytes) -> None:
        """Take the head, or a piece of the body."""
        if self._waits:
            self._head, self._waits = data, False
        else:
            self._transport.write(self._head + data if self._head else data)
            self._head = b""

    def flush(self) -> None:
        """Write what waits: the response has no body."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """End the connection after what waits."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection is ending."""
        return self._transport.is_closing()


class HttpProtocol(HttpToolsProtocol):
    """HTTP requests, answered in one write where they can be.

    An upgrade goes on with its headers' names as the client wrote them: ASGI wants them in lower case, but
    the events of ``$connect`` have the client's own.
    """

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._names: list[bytes] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has come."""
        super().on_header(name, value)
        self._names.append(name)

    def on_headers_complete(self) -> None:
        """The head of a request has come."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before and not self.expect_100_continue:
            transport = OneWrite(self.transport)
            self.cycle.transport = cast("asyncio.Transport", transport)
            self.cycle.on_response = partial(self._responded, transport)

    def _responded(self, transport: OneWrite) -> None:
        transport.flush()
        self.on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to ``WebSocketProtocol``."""
        values = (value for _, value in self.headers)
        self.scope["headers"] = list(zip(self._names, values, strict=True))
        super().handle_websocket_upgrade()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One client's connection: permessage-deflate where the client offers it, 1009 beyond 32 and 128 KB."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 - uvicorn's own, passed on
        """Take what uvicorn gives every protocol."""
        super().__init__(*arguments, **settings)
        self.conn = ServerProtocol(
            extensions=[_COMPRESSION], max_size=(MAXIMUM_MESSAGE_BYTES, MAXIMUM_FRAME_BYTES), logger=_LOGGER
        )

    async def send(self, message: ASGISendEvent) -> None:
        """Carry out one ASGI message; ``websocket.drop``, our own, ends the TCP connection at once."""
        kind: str = message["type"]
        if kind == "websocket.drop":
            self.transport.abort()
        else:
            await super().send(message)
