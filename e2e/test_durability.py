"""An ack is a promise: what was acked survives the death of the whole embedded AWS."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from e2e.support.bring_up import brought_up, free_port
from e2e.support.parley import reach
from e2e.support.people import People
from harness.local_files import LocalFiles
from harness.state import read_running
from harness.targets import DEFAULT_STACK, target_named
from harness.users import UserPool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded_only("it kills the whole AWS")

ENOUGH = 30
"""Messages acked before the kill."""
SAVED_SECONDS = 6.0
"""After which users are saved on a busy machine too; what is newer may be lost, unlike messages."""


async def test_messages_acked_before_kill_9_are_all_there_after_the_restart(folder: Path) -> None:
    """Killed amid a stream of sends, up again on its data: the same stack, users and acked messages."""
    target = target_named("embedded", port=free_port())
    acked: list[tuple[int, str]] = []
    with brought_up(target, DEFAULT_STACK, folder) as account:
        outputs, pool = account.outputs, UserPool.of(target, account.outputs)
        people = People(pool)
        alice, bob = people.join("alice"), people.join("bob")
        saved_at = time.monotonic() + SAVED_SECONDS
        async with reach(outputs) as parley:
            chat_id = await parley.direct_chat(alice, bob)
            async with parley.device(alice) as device:

                async def write() -> None:
                    while True:
                        message = await device.client.send(chat_id, f"message {len(acked) + 1}")
                        acked.append((message.seq, message.id))

                writing = asyncio.create_task(write())
                await device.until(lambda: len(acked) >= ENOUGH and time.monotonic() > saved_at)
                kill_9(folder)
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
    assert len(acked) >= ENOUGH

    with brought_up(target, DEFAULT_STACK, folder) as again:
        assert again.outputs == outputs
        token = People(pool).sign_in(alice.username, alice.password)
        async with reach(outputs) as parley:
            kept = await parley.history(replace(alice, access_token=token), chat_id)
    assert [(message["seq"], message["id"]) for message in kept][: len(acked)] == acked
    assert len(kept) <= len(acked) + 1  # the send that was on its way may have landed without its ack


def kill_9(folder: Path) -> None:
    """End the localcloud that is up on a folder, as a power cut does."""
    noted = read_running(LocalFiles(folder).state)
    assert noted is not None
    assert noted.process_id is not None
    os.kill(noted.process_id, signal.SIGKILL)
