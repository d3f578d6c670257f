"""uvicorn's WebSocket protocol with little memory a connection, and a way to drop one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One client's connection."""

    async def send(self, message: ASGISendEvent) -> None:
        """Carry out one ASGI message; ``websocket.drop``, our own, ends the TCP connection at once."""
        kind: str = message["type"]
        if kind == "websocket.drop":
            self.transport.abort()
        else:
            await super().send(message)
