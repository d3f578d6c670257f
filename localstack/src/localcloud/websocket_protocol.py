"""uvicorn's protocols as API Gateway needs them: AWS's limits, little memory, and a way to drop a client."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.server import ServerProtocol

from localcloud.apis.websocket.limits import MAXIMUM_FRAME_BYTES, MAXIMUM_MESSAGE_BYTES

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

# zlib keeps 2^(bits + 2) + 2^(level + 9) bytes for what a connection sends and 2^bits for what it receives:
# 7 KB here, where uvicorn's own 12 and 5 make 36. What is said is short, so little compression is lost.
_COMPRESSION = ServerPerMessageDeflateFactory(
    server_max_window_bits=10, client_max_window_bits=10, compress_settings={"memLevel": 2}
)
_LOGGER = logging.getLogger("uvicorn.error")


class HttpProtocol(HttpToolsProtocol):
    """HTTP requests; an upgrade goes on with its headers' names as the client wrote them.

    ASGI wants them in lower case, but the events of ``$connect`` have the client's own.
    """

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._names: list[bytes] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has come."""
        super().on_header(name, value)
        self._names.append(name)

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
