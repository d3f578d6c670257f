"""How WebSocket connections end: close codes, limits, time, and the ``$disconnect`` that tells of it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed

from tests.localcloud.apis.websocket_world import (
    closing,
    until,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


async def test_disconnect_carries_the_clients_close_code(served: Served) -> None:
    """``$disconnect`` says how the client closed."""
    client = await served.connect()
    await client.close(4001, "bye")
    await until(lambda: served.functions.seen("disconnect"))
    context = served.functions.seen("disconnect")[-1]["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "bye")


async def test_binary_frame_closes_with_1003(served: Served) -> None:
    """There are no binary media types."""
    client = await served.connect()
    await client.send(b"\x00")
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 1003


async def test_large_frame_closes_with_1009_and_fires_disconnect(served: Served) -> None:
    """A frame above 32 KB closes the socket; a fragmented message of 120 KB passes."""
    client = await served.connect(max_size=None, compression=None)
    text = json.dumps({"action": "echo", "pad": "x" * 120_000})
    await client.send([text[start : start + 30_000] for start in range(0, len(text), 30_000)])
    assert await client.recv() == text
    with contextlib.suppress(ConnectionClosed):
        await client.send("x" * 33_000)
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 1009
    await until(lambda: served.functions.seen("disconnect"))
    assert served.functions.seen("disconnect")[-1]["requestContext"]["disconnectStatusCode"] == 1009


async def test_idle_connection_is_closed_going_away(served: Served) -> None:
    """Ten minutes without a message end a connection, and ``$disconnect`` hears of it."""
    client = await served.connect()
    served.clock.time += 600
    served.gateway.websocket.connections.sweep()
    with pytest.raises(ConnectionClosed) as raised:
        await client.recv()
    assert raised.value.rcvd is not None
    assert (raised.value.rcvd.code, raised.value.rcvd.reason) == (1001, "Going away")
    await until(lambda: served.functions.seen("disconnect"))
    assert served.functions.seen("disconnect")[-1]["requestContext"]["disconnectStatusCode"] == 1001


async def test_message_over_128_kb_closes_with_1009(served: Served) -> None:
    """Each of its frames is small enough; together they are too large."""
    client = await served.connect(max_size=None, compression=None)
    with contextlib.suppress(ConnectionClosed):
        await client.send(["x" * 30_000 for _ in range(5)])
    assert (await closing(client))[0] == 1009
    assert (await served.disconnected())[0] == 1009


async def test_compressed_frame_counts_by_what_it_holds(served: Served) -> None:
    """33 KB of one letter are a few bytes on the wire, and too much all the same."""
    client = await served.connect(compression="deflate")
    await client.send("x" * 33_000)
    assert (await closing(client))[0] == 1009


async def test_ping_is_answered_and_keeps_no_connection_open(served: Served) -> None:
    """Only messages count as activity."""
    client = await served.connect()
    served.let_time_pass(599)
    await (await client.ping())
    served.let_time_pass(1)
    assert await closing(client) == (1001, "Going away")


async def test_connection_is_closed_after_two_hours_however_busy(served: Served) -> None:
    """1001, and ``$disconnect`` hears of it."""
    client = await served.connect()
    for _ in range(24):
        served.let_time_pass(299)
        assert await served.ask(client) == '{"action":"echo"}'
    served.let_time_pass(24)
    assert await closing(client) == (1001, "Going away")
    assert (await served.disconnected())[0] == 1001


async def test_client_that_vanishes_is_disconnected_with_1006(served: Served) -> None:
    """No close frame, but ``$disconnect`` all the same."""
    client = await served.connect()
    client.transport.abort()
    assert await served.disconnected() == (1006, "")


async def test_client_that_closes_without_a_status_is_1005_in_awss_words(served: Served) -> None:
    """A close frame may be empty."""
    client = await served.connect()
    client.protocol.send_close()
    client.transport.write(b"".join(client.protocol.data_to_send()))
    assert await served.disconnected() == (1005, "Client-side close frame status not set")
