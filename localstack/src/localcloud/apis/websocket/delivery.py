"""Texts on their way to a client, and what goes wrong with them on purpose."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from localcloud.interfaces import FaultEffect, FaultPoint
from localcloud.observations import MessageSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.apis.exchange import Send
    from localcloud.apis.websocket.effects import SendText
    from localcloud.apis.websocket.events import Connection
    from localcloud.interfaces import Faults
    from localcloud.observations import Observations

DROP = {"type": "websocket.drop"}
"""Our own ASGI message: end the TCP connection without a close frame (``localcloud.websocket_protocol``)."""


class Delivery:
    """Sends the texts of one connection in their order, unless a fault on purpose says otherwise."""

    __slots__ = ("_connection", "_faults", "_held", "_observations", "_releasing", "_written")

    def __init__(
        self,
        connection: Connection,
        faults: Faults,
        observations: Observations,
        written: Callable[[int], None],
    ) -> None:
        """Deliver to ``connection``; call ``written`` with the size of each text that waits no more."""
        self._connection = connection
        self._faults = faults
        self._observations = observations
        self._written = written
        self._held: SendText | None = None
        self._releasing: asyncio.Task[None] | None = None

    async def deliver(self, send: Send, text: SendText) -> None:
        """Send a text, and after it one that was held back."""
        if self._faults.armed and not await self._passes(send, text):
            return
        await self._send(send, text)
        if self._held is not None:
            held, self._held = self._held, None
            await self._send(send, held)

    def close(self) -> None:
        """Send nothing more, not even what is held back."""
        self._held = None
        if self._releasing is not None:
            self._releasing.cancel()

    async def _send(self, send: Send, text: SendText) -> None:
        await send({"type": "websocket.send", "text": text.text})
        self._written(text.size)
        connection = self._connection
        self._observations.publish(
            MessageSent(connection.api_id, connection.stage.stage_name, connection.connection_id, text.size)
        )

    async def _passes(self, send: Send, text: SendText) -> bool:
        """Whether the text is to be sent now, after the fault that it meets has had its effect."""
        connection = self._connection
        point = FaultPoint("execute-api", "SendMessage", connection.api_id, connection.connection_id)
        fault = self._faults.strike(point)
        if fault is None:
            return True
        match fault.effect:
            case FaultEffect.DELAY:
                await asyncio.sleep(fault.delay_ms / 1000)
            case FaultEffect.REORDER if self._held is None:
                self._held = text
                self._releasing = asyncio.create_task(self._release(send, text, fault.delay_ms / 1000))
                return False
            case FaultEffect.LOSE:
                self._written(text.size)
                return False
            case FaultEffect.DROP:
                self._written(text.size)
                await send(DROP)
                return False
        return True

    async def _release(self, send: Send, text: SendText, seconds: float) -> None:
        """Send a text that was held back and that no other has overtaken in time."""
        await asyncio.sleep(seconds)
        if self._held is text:
            self._held = None
            with contextlib.suppress(OSError):  # the client is gone
                await self._send(send, text)
