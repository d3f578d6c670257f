"""A raw WebSocket for protocol tests: sends exactly what it is told, keeps every frame as it arrives."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from e2e.support.deadlines import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Frame = dict[str, Any]
"""A frame as it stands on the wire: protocol tests say themselves what must be in it."""


class Socket:
    """One open connection, without any of a polite client's behaviour."""

    def __init__(self, connection: ClientConnection) -> None:
        """Wrap an open connection; `open_socket` also reads from it."""
        self._connection = connection
        self._arrival = asyncio.Condition()
        self.frames: list[Frame] = []
        """Every frame that arrived, in order of arrival."""
        self.closed = False

    async def send(self, frame: Frame | str | bytes) -> None:
        """Send a frame; text and bytes go out as they are."""
        await self._connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    async def first(self, wanted: Callable[[Frame], bool], within: float = PATIENCE) -> Frame:
        """Give the first frame of all that is wanted, waiting for it if it has not arrived yet."""
        async with asyncio.timeout(within), self._arrival:
            while True:
                for frame in self.frames:
                    if wanted(frame):
                        return frame
                assert not self.closed, f"the connection closed before the wanted frame; came: {self.frames}"
                await self._arrival.wait()

    async def until(self, holds: Callable[[Socket], bool], within: float = PATIENCE) -> None:
        """Wait until what has come of the connection holds; its end counts as something that comes."""
        async with asyncio.timeout(within), self._arrival:
            await self._arrival.wait_for(lambda: holds(self))

    async def answer(self, request_id: str) -> Frame:
        """Give the frame that answers a request."""
        return await self.first(lambda frame: frame.get("requestId") == request_id)

    async def ask(self, frame: Frame) -> Frame:
        """Send a frame with a requestId, give its answer."""
        await self.send(frame)
        return await self.answer(frame["requestId"])

    async def until_closed(self, within: float = PATIENCE) -> int | None:
        """Wait for the other side to close the connection; give its close code."""
        async with asyncio.timeout(within):
            await self._connection.wait_closed()
        return self._connection.close_code

    def kill(self) -> None:
        """End the TCP connection at once, without a close frame, as a dying network does."""
        self._connection.transport.abort()

    async def read(self) -> None:
        """Keep what arrives until the connection ends."""
        try:
            async for text in self._connection:
                async with self._arrival:
                    self.frames.append(json.loads(text))
                    self._arrival.notify_all()
        except ConnectionClosed:
            pass  # a killed connection: what came before it is what there is
        finally:
            async with self._arrival:
                self.closed = True
                self._arrival.notify_all()


@asynccontextmanager
async def open_socket(url: str) -> AsyncIterator[Socket]:
    """Open a WebSocket at exactly this URL.

    Raises:
        websockets.exceptions.InvalidStatus: the upgrade was refused; its response has the status.
    """
    async with connect(url, open_timeout=PATIENCE, close_timeout=2) as connection:
        socket = Socket(connection)
        reading = asyncio.create_task(socket.read())
        try:
            yield socket
        finally:
            await connection.close()
            await reading
