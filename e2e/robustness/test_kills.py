"""kill -9 of anything at any time: what was acked is there, once and in order, and no process is left."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.localcloud import process_ids
from e2e.support.promises import promises_kept
from e2e.support.writers import UNDAUNTED, writing

if TYPE_CHECKING:
    from e2e.support.own_stack import OwnStack
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.embedded_only("it kills the processes of an AWS")

SEED = 20261121
LOCALCLOUD = "localcloud"
DYNOXIDE = "--db-path"
"""A word of its command line."""
SEND, CONNECT = (f"AWS_LAMBDA_FUNCTION_NAME=parley-{name}" for name in ("send-message", "connect"))
"""What the environments of a function have in theirs."""
VICTIMS = [LOCALCLOUD, LOCALCLOUD, DYNOXIDE, DYNOXIDE, SEND, SEND, SEND, CONNECT]
FEWEST, MOST = 5, 40
"""Messages that come between two kills."""
REVIVAL = 30.0
"""Seconds after which messages that do not come again count as never coming."""


async def test_kills_amid_a_conversation_lose_double_and_reorder_nothing(
    own: OwnStack, parley: Parley, alice: Person, bob: Person
) -> None:
    """Both write while localcloud, dynoxide and environments die: both see one chat, with all they sent."""
    random = Random(SEED)  # noqa: S311 - to be repeated is what it is for
    chat_id = await parley.direct_chat(alice, bob)
    async with (
        parley.device(alice, policy=UNDAUNTED) as hers,
        parley.device(bob, policy=UNDAUNTED) as his,
    ):
        async with writing(hers, chat_id, "alice") as her_texts, writing(his, chat_id, "bob") as his_texts:
            for victim in random.sample(VICTIMS, len(VICTIMS)):
                reached = len(his.shown(chat_id)) + random.randint(FEWEST, MOST)
                await his.shows(chat_id, reached, within=REVIVAL)
                await kill(own, victim)
        await promises_kept(
            parley, chat_id, {"hers": hers, "his": his}, {alice: her_texts, bob: his_texts}, REVIVAL
        )


async def kill(own: OwnStack, victim: str) -> None:
    """Kill all processes that a word stands for; localcloud, which nobody else starts again, is started."""
    if victim != LOCALCLOUD:
        assert own.kill_children(victim) > 0
        return
    own.kill()
    await eventually(lambda: left_of(own), lambda left: not left)
    await own.start()


async def left_of(own: OwnStack) -> list[int]:
    """Give what still runs of a localcloud."""
    return process_ids(own.files.folder)
