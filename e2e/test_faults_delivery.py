"""Posts fail, frames are late, lost and turned around on purpose: everyone is shown everything in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.faults import fault
from e2e.support.promises import IMPATIENT, promises_kept
from parley_client.events import ConnectionChanged, ConnectionState

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults, Rule
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.embedded_only("only localcloud fails on purpose")

TEXTS = [f"message {number}" for number in range(12)]


async def only_connection(account: Account, person: Person) -> str:
    """Give the id of a person's one open connection."""
    (connection_id,) = await eventually(
        lambda: account.connections(person.user_id), lambda open_: len(open_) == 1
    )
    return connection_id


@pytest.mark.parametrize(
    "trouble",
    [
        {"effect": "error", "status": 410},
        {"effect": "error", "status": 429},
        {"effect": "error", "status": 500},
        {"effect": "lose"},
    ],
    ids=lambda trouble: f"{trouble['effect']} {trouble.get('status', '')}".strip(),
)
async def test_posts_in_trouble_cost_no_message(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, trouble: Rule
) -> None:
    """Several posts to bob fail: all messages are acked, and he is shown all of them in order."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        bobs = await only_connection(account, bob)
        rule = fault("execute-api", "PostToConnection", **trouble, connectionId=bobs, rate=0.5, count=4)
        with faults.on(rule, seed=1) as on:
            await hers.write(chat_id, TEXTS)
            assert on.strikes()
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})


@pytest.mark.parametrize(
    "trouble",
    [{"effect": "lose"}, {"effect": "reorder", "delayMs": 300}, {"effect": "delay", "delayMs": 100}],
    ids=lambda trouble: trouble["effect"],
)
async def test_frames_to_a_device_in_trouble_are_shown_in_order(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, trouble: Rule
) -> None:
    """Some of what is sent to bob is lost, late or turned around: he is shown all of it in order."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        bobs = await only_connection(account, bob)
        rule = fault("execute-api", "SendMessage", **trouble, connectionId=bobs, rate=0.5, count=4)
        with faults.on(rule, seed=1) as on:
            await hers.write(chat_id, TEXTS)
            await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})
            assert on.strikes()


async def test_frames_of_a_device_that_are_lost_are_sent_again(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """Some of what alice's device sends never arrives: it repeats it, each message is there once."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        her_connection = await only_connection(account, alice)
        rule = fault("execute-api", "ReceiveMessage", "lose", connectionId=her_connection, after=2, count=2)
        with faults.on(rule) as on:
            await hers.write(chat_id, TEXTS)
            assert len(on.strikes()) == 2
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})


@pytest.mark.parametrize("operation", ["SendMessage", "ReceiveMessage"])
async def test_connections_dropped_mid_stream_cost_no_message(
    parley: Parley, alice: Person, bob: Person, faults: Faults, operation: str
) -> None:
    """Connections die with frames on the way, either way: both are shown everything once, in order."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        with faults.on(fault("execute-api", operation, "drop", rate=0.3, count=4), seed=1) as on:
            await hers.write(chat_id, TEXTS)
            await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})
            assert on.strikes()
        states = [event.state for device in (hers, his) for event in device.of(ConnectionChanged)]
        assert ConnectionState.RECONNECTING in states
