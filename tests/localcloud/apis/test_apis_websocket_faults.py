"""Faults on purpose at WebSocket connections and @connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from localcloud.interfaces import Fault, FaultEffect
from tests.localcloud.apis.websocket_world import (
    closing,
    until,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


async def test_fault_error_at_a_post_answers_its_status_and_sends_nothing(served: Served) -> None:
    """boto3 raises what the rule says; the next post passes."""
    client = await served.connect()
    served.faults.planned = {"PostToConnection": [Fault("r1", FaultEffect.ERROR, 0, 410, "GoneException")]}
    management = served.management()
    with pytest.raises(management.exceptions.GoneException, match="r1"):
        await asyncio.to_thread(management.post_to_connection, ConnectionId=served.connection_id(), Data=b"x")
    await served.post(b"next")
    assert await client.recv() == "next"
    [point] = served.faults.points
    assert (point.service, point.resource, point.connection_id) == (
        "execute-api",
        "ws1",
        served.connection_id(),
    )


async def test_fault_that_loses_a_post_answers_200_and_sends_nothing(served: Served) -> None:
    """As when a client's network has gone and nobody knows it yet."""
    client = await served.connect()
    served.faults.planned = {"PostToConnection": [Fault("r1", FaultEffect.LOSE)]}
    await served.post(b"lost")
    await served.post(b"next")
    assert await client.recv() == "next"


async def test_fault_that_reorders_lets_the_next_message_overtake(served: Served) -> None:
    """Held back until the next has gone."""
    client = await served.connect()
    served.faults.planned = {"SendMessage": [Fault("r1", FaultEffect.REORDER, 60_000)]}
    await served.post(b"first")
    await served.post(b"second")
    assert [await client.recv(), await client.recv()] == ["second", "first"]


async def test_fault_that_reorders_holds_the_last_message_only_so_long(served: Served) -> None:
    """With nothing behind it, it goes after the delay."""
    client = await served.connect()
    served.faults.planned = {"SendMessage": [Fault("r1", FaultEffect.REORDER, 20)]}
    await served.post(b"first")
    assert await client.recv() == "first"


async def test_message_that_a_fault_holds_back_is_lost_when_the_connection_is_closed(served: Served) -> None:
    """Nothing follows a close frame."""
    client = await served.connect()
    served.faults.planned = {"SendMessage": [Fault("r1", FaultEffect.REORDER, 20)]}
    await served.post(b"held")
    await asyncio.to_thread(served.management().delete_connection, ConnectionId=served.connection_id())
    assert await closing(client) == (1000, "Connection Closed Normally")
    assert await served.disconnected() == (1000, "Connection Closed Normally")


async def test_fault_that_delays_a_message_keeps_the_order(served: Served) -> None:
    """Slow delivery is slow for what follows, too."""
    client = await served.connect()
    served.faults.planned = {"SendMessage": [Fault("r1", FaultEffect.DELAY, 30)]}
    await served.post(b"first")
    await served.post(b"second")
    assert [await client.recv(), await client.recv()] == ["first", "second"]


async def test_fault_that_loses_a_message_leaves_no_bytes_waiting(served: Served) -> None:
    """What is lost does not fill the client's buffer."""
    client = await served.connect()
    served.faults.planned = {"SendMessage": [Fault("r1", FaultEffect.LOSE)]}
    await served.post(b"lost")
    await served.post(b"next")
    assert await client.recv() == "next"
    session = served.gateway.websocket.connections.find("ws1", "dev", served.connection_id())
    assert session is not None
    assert session.lifecycle.outgoing_bytes == 0


@pytest.mark.parametrize("operation", ["SendMessage", "ReceiveMessage"])
async def test_fault_that_drops_ends_the_connection_without_a_close_frame(
    served: Served, operation: str
) -> None:
    """Both sides find out by themselves; ``$disconnect`` says 1006."""
    client = await served.connect()
    served.faults.planned = {operation: [Fault("r1", FaultEffect.DROP)]}
    await client.send('{"action":"echo"}')
    assert await closing(client) == (1006, "")
    assert await served.disconnected() == (1006, "")


async def test_fault_that_loses_a_received_message_invokes_nothing(served: Served) -> None:
    """As if it had never come."""
    client = await served.connect()
    served.faults.planned = {"ReceiveMessage": [Fault("r1", FaultEffect.LOSE)]}
    await client.send('{"action":"echo","n":1}')
    assert await served.ask(client, '{"action":"echo","n":2}') == '{"action":"echo","n":2}'
    assert len(served.functions.seen("echo")) == 1


async def test_fault_error_at_connect_refuses_the_upgrade(served: Served) -> None:
    """Nothing is invoked."""
    served.faults.planned = {"Connect": [Fault("r1", FaultEffect.ERROR, 0, 503)]}
    assert await served.refusal() == 503
    assert not served.functions.seen("connect")


async def test_fault_that_delays_connect_lets_the_upgrade_pass_in_the_end(served: Served) -> None:
    """Late, and then as any other."""
    served.faults.planned = {"Connect": [Fault("r1", FaultEffect.DELAY, 20)]}
    client = await served.connect()
    await served.post(b"now")
    assert await client.recv() == "now"


async def test_connection_whose_connect_a_fault_delays_is_gone_meanwhile(served: Served) -> None:
    """The integration has run, the 101 has not gone: a post is 410. One who leaves then is disconnected."""
    served.faults.planned = {"Connect": [Fault("r1", FaultEffect.DELAY, 60_000)]}
    opening = asyncio.create_task(served.connect())
    await until(lambda: served.functions.seen("connect"))
    management = served.management()
    with pytest.raises(management.exceptions.GoneException):
        await asyncio.to_thread(management.get_connection, ConnectionId=served.connection_id())
    opening.cancel()
    assert (await served.disconnected())[0] == 1006
    assert not len(served.gateway.websocket.connections)
