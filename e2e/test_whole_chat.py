"""The whole chat at once: five users at eight devices act at random while connections break.

The test prints its seed; `PARLEY_WHOLE_CHAT_SEED=<seed> nox -s e2e -- e2e/test_whole_chat.py` repeats a run,
and `PARLEY_WHOLE_CHAT_SECONDS=120` has it last two minutes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from e2e.support.whole_chat.run import DEVICES, complaints_of, live, open_devices, open_rooms

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import People
    from harness.outputs import Outputs

SEED = 20261121
SECONDS = 20.0
SHOWN = 40
"""Broken promises that a failure names, at most."""


@pytest.fixture
def seed() -> int:
    """Give what decides who does what, one after the other."""
    return int(os.environ.get("PARLEY_WHOLE_CHAT_SEED") or SEED)


@pytest.fixture
def seconds() -> float:
    """Give how long they act."""
    return float(os.environ.get("PARLEY_WHOLE_CHAT_SECONDS") or SECONDS)


@pytest.mark.slow
async def test_five_users_on_eight_devices_end_level_and_every_promise_is_kept(
    parley: Parley, stack: Outputs, people: People, seed: int, seconds: float
) -> None:
    """After random actions, every device equals a fresh fetch, and history keeps what was promised."""
    cast = {name: people.join(name) for name in DEVICES}
    rooms = await open_rooms(parley, cast)
    async with open_devices(stack, cast) as devices:
        record = await live(devices, seed, seconds)
        complaints = await complaints_of(parley, list(cast.values()), devices, rooms, record)
    verdict = "every promise is kept" if not complaints else f"{len(complaints)} broken"
    summary = (
        f"PARLEY_WHOLE_CHAT_SEED={seed} PARLEY_WHOLE_CHAT_SECONDS={seconds:g}\n"
        f"{record.summary()}\nverdict: {verdict}"
    )
    print(summary)
    assert not complaints, "\n".join([summary, *complaints[:SHOWN]])
