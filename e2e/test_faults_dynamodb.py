"""DynamoDB throttles, fails and is late on purpose: messages take longer, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.faults import fault
from e2e.support.parley import get_messages, send_message
from e2e.support.promises import IMPATIENT, promises_kept

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults, Rule
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.embedded_only("only localcloud fails on purpose")

TEXTS = [f"message {number}" for number in range(4)]
SDK_ATTEMPTS = 3


@pytest.mark.parametrize(
    "trouble",
    [
        {"effect": "throttle", "count": SDK_ATTEMPTS + 1},
        {"effect": "error", "code": "InternalServerError", "count": 2},
        {"effect": "delay", "delayMs": 150, "count": 3},
    ],
    ids=lambda trouble: trouble["effect"],
)
async def test_writes_in_trouble_cost_no_message(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, trouble: Rule
) -> None:
    """Puts fail more than the SDK repeats them: the client repeats the frame, each message is there once."""
    chat_id = await parley.direct_chat(alice, bob)
    rule = {"service": "dynamodb", "operation": "PutItem", "resource": account.table("Messages"), **trouble}
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        with faults.on({**rule, "after": 1}) as on:
            await hers.write(chat_id, TEXTS)
            assert len(on.strikes()) == trouble["count"]
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})


async def test_write_refused_throughout_is_answered_as_retryable(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """The frame is answered `internal`, to be repeated unchanged; repeated, it is acked."""
    chat_id = await parley.direct_chat(alice, bob)
    frame = send_message(chat_id, 0, "at last")
    async with parley.socket(alice) as socket:
        with faults.on(fault("dynamodb", "PutItem", "throttle", resource=account.table("Messages"))):
            refused = await socket.ask(frame)
        assert (refused["code"], refused["retryable"], refused["definite"]) == ("internal", True, False)
        assert (await socket.ask(frame | {"requestId": "again"}))["type"] == "ack"
        history = await socket.ask(get_messages(chat_id, after=0, limit=10))
    assert [message["text"] for message in history["messages"]] == ["at last"]


async def test_lookup_of_connections_failing_costs_no_message(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """Who is connected cannot be read: the sends are acked, and bob is shown all of it soon after."""
    chat_id = await parley.direct_chat(alice, bob)
    rule = fault(
        "dynamodb", "BatchGetItem", "error", resource=account.table("Connections"), count=SDK_ATTEMPTS
    )
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        with faults.on(rule) as on:
            await hers.write(chat_id, TEXTS)
            assert len(on.strikes()) == SDK_ATTEMPTS
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})


async def test_reads_in_trouble_bring_a_returning_device_level_all_the_same(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """Bob's device returns while queries fail: it asks again until it has everything."""
    chat_id = await parley.direct_chat(alice, bob)
    rule = fault("dynamodb", "Query", "error", resource=account.table("Messages"), count=SDK_ATTEMPTS + 1)
    async with parley.device(alice, policy=IMPATIENT) as hers:
        await hers.write(chat_id, TEXTS)
        with faults.on(rule) as on:
            async with parley.device(bob, policy=IMPATIENT) as his:
                await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: TEXTS})
            assert len(on.strikes()) == SDK_ATTEMPTS + 1
