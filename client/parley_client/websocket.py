"""One WebSocket on asyncio: opened with a ticket, written in order, read to its end."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from .errors import ConnectThrottled, NotReachable, cause

if TYPE_CHECKING:
    from collections.abc import Callable


async def open_websocket(url: str, ticket: str) -> ClientConnection:
    """Return an open WebSocket.

    Raises:
        ConnectThrottled: not now; the ticket is good for another attempt.
        NotReachable: it could not be opened; a new ticket is needed for the next attempt.
    """
    try:
        return await connect(f"{url}?ticket={quote(ticket, safe='')}", close_timeout=2)
    except InvalidStatus as error:
        raise refused_with(error.response.status_code) from error
    except (InvalidHandshake, InvalidURI, OSError, TimeoutError) as error:
        raise NotReachable(f"the WebSocket did not open: {cause(error)}") from error


def refused_with(status: int) -> NotReachable:
    """Return what to raise where an upgrade was answered with this HTTP status."""
    throttled = status == HTTPStatus.TOO_MANY_REQUESTS
    return (ConnectThrottled if throttled else NotReachable)(f"the WebSocket was refused with HTTP {status}")


async def converse(
    socket: ClientConnection, outgoing: asyncio.Queue[str], received: Callable[[str | bytes], None]
) -> str:
    """Write what is put into `outgoing` and hand what arrives to `received` until the WebSocket is closed.

    Returns:
        Why it was closed.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(_write(socket, outgoing))
            try:
                while True:
                    received(await socket.recv())
            except ConnectionClosed as closed:
                writer.cancel()
                return _reason(closed)
    finally:
        await socket.close()


async def _write(socket: ClientConnection, outgoing: asyncio.Queue[str]) -> None:
    while True:
        frame = await outgoing.get()
        try:
            await socket.send(frame)
        except ConnectionClosed:
            return  # the reader learns of it too, and says why


def _reason(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return "the connection broke"
    return f"closed by the service ({closed.rcvd.code} {closed.rcvd.reason})".replace(" )", ")")
