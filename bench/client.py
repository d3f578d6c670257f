"""A lean client of the WebSocket API: one connection, frames in and out, and nothing else that costs time."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from ulid import ULID
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.tables import TEXT
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_ANSWER_SECONDS = 30.0
_OPEN_SECONDS = 180.0


class _Landed(msgspec.Struct):
    id: str = ""
    seq: int = 0


class Frame(msgspec.Struct, rename="camel"):
    """What of any frame of the service is looked at."""

    type: str
    request_id: str = ""
    code: str = ""
    message: _Landed | str | None = None
    messages: list[_Landed] = []


_frames = msgspec.json.Decoder(Frame)
_encoder = msgspec.json.Encoder()


class Connection:
    """One user's open WebSocket; it notes when each message that it is sent arrives."""

    def __init__(self, socket: ClientConnection) -> None:
        """Use `connected`."""
        self._socket = socket
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self.delivered: dict[str, float] = {}
        """When each message arrived, by its id: `time.perf_counter`'s seconds."""
        self.lost = False
        """Whether the service ended it."""

    async def send(self, chat_id: str, after: int) -> tuple[str, int]:
        """Send a message and wait for its ack; gives its id and its number.

        Raises:
            HarnessError: it is refused, or not answered.
        """
        id_ = str(ULID())
        message = {"id": id_, "text": TEXT}
        frame = await self.ask(
            {"action": "sendMessage", "chatId": chat_id, "after": after, "messages": [message]}
        )
        return id_, frame.messages[0].seq

    async def last(self, chat_id: str, limit: int) -> Frame:
        """Ask for the newest messages of a chat."""
        return await self.ask({"action": "getMessages", "chatId": chat_id, "limit": limit})

    async def ask(self, frame: dict[str, object]) -> Frame:
        """Send a frame and wait for its answer.

        Raises:
            HarnessError: the answer is an error, or there is none.
        """
        request_id = str(next(self._numbers))
        answered: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answered
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._socket.send(_encoder.encode({**frame, "requestId": request_id}), text=True)
                answer = await answered
        except TimeoutError as late:
            raise HarnessError(
                f"{frame['action']} was not answered within {_ANSWER_SECONDS:.0f} s."
            ) from late
        except ConnectionClosed as closed:
            raise HarnessError(f"The connection ended before {frame['action']} was answered.") from closed
        finally:
            del self._waiting[request_id]
        if answer.type == "error":
            raise HarnessError(f"{frame['action']} was refused: {answer.code}.")
        return answer

    async def read(self) -> None:
        """Take what the service sends until the connection ends."""
        try:
            async for text in self._socket:
                self._take(text, time.perf_counter())
        finally:
            self.lost = True

    def _take(self, text: str | bytes, now: float) -> None:
        frame = _frames.decode(text)
        if frame.type == "message" and isinstance(frame.message, _Landed):
            self.delivered[frame.message.id] = now
        elif (waiting := self._waiting.get(frame.request_id)) and not waiting.done():
            waiting.set_result(frame)


@asynccontextmanager
async def connected(web_socket_url: str, ticket: str) -> AsyncIterator[Connection]:
    """Open a connection with a ticket, and close it at the end."""
    async with connect(
        f"{web_socket_url}?ticket={ticket}",
        compression=None,
        open_timeout=_OPEN_SECONDS,
        ping_interval=None,
        proxy=None,
    ) as socket:
        connection = Connection(socket)
        reading = asyncio.create_task(connection.read())
        try:
            yield connection
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
