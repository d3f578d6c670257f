"""Functions crash, time out and are throttled on purpose: messages take longer, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.faults import fault
from e2e.support.parley import send_message
from e2e.support.promises import IMPATIENT, promises_kept
from parley_client.events import ConnectionChanged, ConnectionState

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults, Rule
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.embedded_only("only localcloud fails on purpose")

TEXTS = [f"message {number}" for number in range(4)]


def invoking(account: Account, logical_id: str, effect: str, **parts: object) -> Rule:
    """Make a rule for the invocations of one of the stack's functions."""
    function = account.resources["AWS::Lambda::Function", logical_id]
    return fault("lambda", "Invoke", effect, resource=function, **parts)


@pytest.mark.parametrize("effect", ["crash-before", "crash-after", "timeout", "throttle", "error"])
async def test_send_message_in_trouble_costs_no_message(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, effect: str
) -> None:
    """Two invocations of sendMessage fail: the client repeats the frames, each message is there once."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        with faults.on(invoking(account, "SendMessage", effect, after=1, count=2)) as on:
            await hers.write(chat_id, TEXTS)
            assert [strike["effect"] for strike in on.strikes()] == [effect] * 2
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})


@pytest.mark.parametrize(("effect", "written"), [("crash-before", False), ("crash-after", True)])
async def test_send_whose_environment_dies_is_written_once(
    parley: Parley,
    account: Account,
    alice: Person,
    bob: Person,
    faults: Faults,
    *,
    effect: str,
    written: bool,
) -> None:
    """API Gateway answers for the dead function; the same frame is acked then, written before or not."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "one", "two")
    async with parley.socket(alice) as socket:
        with faults.on(invoking(account, "SendMessage", effect, count=1)):
            await socket.send(frame)
            answer = await socket.first(lambda seen: "type" not in seen)
            assert answer["message"] == "Internal server error"
        stored = [message["text"] for message in await parley.history(bob, chat_id)]
        assert stored == (["one", "two"] if written else [])
        ack = await socket.ask(frame | {"requestId": "again"})
    assert [message["seq"] for message in ack["messages"]] == [1, 2]
    assert [message["text"] for message in await parley.history(bob, chat_id)] == ["one", "two"]


@pytest.mark.parametrize("logical_id", ["Authorizer", "Connect"])
async def test_opening_in_trouble_is_tried_again(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, logical_id: str
) -> None:
    """Bob's connection dies and the next ones are not opened for him: he is back soon, and misses nothing."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        with faults.on(invoking(account, logical_id, "error", count=2)) as on:
            his.client.drop()
            await hers.write(chat_id, TEXTS)
            await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})
            assert len(on.strikes()) == 2
        states = [event.state for event in his.of(ConnectionChanged)]
        assert ConnectionState.REFUSED not in states


async def test_sync_in_trouble_brings_a_returning_device_level_all_the_same(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """The syncs of bob's device crash, and are throttled: it asks again until it has everything."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice, policy=IMPATIENT) as hers:
        await hers.write(chat_id, TEXTS)
        crash, throttle = (
            invoking(account, "Sync", effect, count=1) for effect in ("crash-after", "throttle")
        )
        with faults.on(crash, throttle) as on:
            async with parley.device(bob, policy=IMPATIENT) as his:
                await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})
            assert [strike["effect"] for strike in on.strikes()] == ["crash-after", "throttle"]
