"""Everything goes wrong at once: what was promised holds all the same.

The test prints its seed; `PARLEY_FAULTS_SEED=<seed> nox -s e2e -- e2e/test_faults_mixed.py` repeats a run.
"""

from __future__ import annotations

import asyncio
import os
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import pytest

from e2e.support.faults import fault
from e2e.support.parley import ping
from e2e.support.promises import IMPATIENT, promises_kept

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.devices import Device
    from e2e.support.faults import Faults, Rule
    from e2e.support.parley import Parley
    from e2e.support.people import Person

EACH = 200
"""Messages that each of the two sends."""
RATE = 0.05
MOST_AT_ONCE = 20
"""Texts that a device is handed together, at most."""
WITHIN = 300.0
"""Seconds for all to be acked; on two idle cores it takes a tenth of it."""


@pytest.fixture
def seed() -> int:
    """Give what decides which points fail and who hands over how much at once."""
    return int(os.environ.get("PARLEY_FAULTS_SEED") or SystemRandom().getrandbits(32))


def everything(account: Account) -> list[Rule]:
    """Make rules of every kind."""
    send_message = account.resources["AWS::Lambda::Function", "SendMessage"]
    messages = account.table("Messages")
    return [
        {**rule, "rate": RATE}
        for rule in (
            fault("lambda", "Invoke", "crash-before", resource=send_message),
            fault("lambda", "Invoke", "crash-after", resource=send_message),
            fault("lambda", "Invoke", "throttle"),
            fault("dynamodb", "PutItem", "throttle", resource=messages),
            fault("dynamodb", "PutItem", "delay", resource=messages, delayMs=50),
            fault("dynamodb", "Query", "error", resource=messages),
            fault("execute-api", "PostToConnection", "error", status=410),
            fault("execute-api", "SendMessage", "reorder", delayMs=100),
            fault("execute-api", "SendMessage", "lose"),
            fault("execute-api", "SendMessage", "drop"),
            fault("execute-api", "ReceiveMessage", "drop"),
        )
    ]


async def write(device: Device, chat_id: str, texts: list[str], seed: int) -> None:
    """Hand a device its texts a few at a time, the next ones when those are acked."""
    random = Random(seed)  # noqa: S311 - to be repeated is what it is for
    left = list(texts)
    while left:
        count = random.randint(1, MOST_AT_ONCE)
        await asyncio.gather(*(device.client.send(chat_id, text) for text in left[:count]))
        del left[:count]


@pytest.mark.embedded_only("only localcloud fails on purpose")
async def test_two_who_write_while_everything_fails_see_one_order(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, seed: int
) -> None:
    """200 messages from each side: none is lost or doubled, one order everywhere, each one's own kept."""
    print(f"PARLEY_FAULTS_SEED={seed}")
    chat_id = await parley.direct_chat(alice, bob)
    texts = {person: [f"{person.username} {number}" for number in range(EACH)] for person in (alice, bob)}
    async with parley.device(alice, policy=IMPATIENT) as hers, parley.device(bob, policy=IMPATIENT) as his:
        with faults.on(*everything(account), seed=seed) as on:
            async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as tasks:
                tasks.create_task(write(hers, chat_id, texts[alice], seed))
                tasks.create_task(write(his, chat_id, texts[bob], seed + 1))
            struck = {strike["rule"] for strike in on.strikes()}
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, texts)
    assert len(struck) > len(on.rules) // 2


@pytest.mark.embedded_only("only localcloud fails on purpose")
async def test_same_seed_strikes_the_same_answers_again(
    parley: Parley, account: Account, alice: Person, faults: Faults
) -> None:
    """What is asked in the same order twice meets the same faults twice: a failure replays."""
    struck = []
    async with parley.socket(alice) as socket:
        (connection_id,) = await account.connections(alice.user_id)
        rule = fault("execute-api", "SendMessage", "delay", connectionId=connection_id, delayMs=1, rate=0.3)
        for _ in range(2):
            with faults.on(rule, seed=7) as on:
                for _ in range(40):
                    await socket.ask(ping())
                struck.append([strike["match"] for strike in on.strikes()])
    assert struck[0] == struck[1]
    assert 0 < len(struck[0]) < 40
