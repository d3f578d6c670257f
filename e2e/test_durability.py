"""An ack is a promise: what was acked survives the death of the whole embedded AWS."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from e2e.support.bring_up import free_port
from e2e.support.parley import reach
from e2e.support.people import People
from harness.local_files import LocalFiles
from harness.progress import Progress
from harness.state import read_running
from harness.targets import target_named
from harness.up import Options, bring_up, forget
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.outputs import Outputs

pytestmark = pytest.mark.embedded_only("it kills the whole AWS")

ENOUGH = 30
"""Messages acked before the kill."""


@pytest.fixture
def files(tmp_path: Path) -> Iterator[LocalFiles]:
    """Give a folder for a local target of the test's own, forgotten after it."""
    files = LocalFiles(tmp_path / "local")
    yield files
    forget(files)


async def test_messages_acked_before_kill_9_are_all_there_after_the_restart(files: LocalFiles) -> None:
    """Killed amid a stream of sends, up again on its data: the same stack, users and acked messages."""
    options = Options(target_named("embedded", port=free_port()), files=files)
    acked: list[tuple[int, str]] = []
    with running(options) as outputs:
        people = People(UserPool.of(options.target, outputs))
        alice, bob = people.join("alice"), people.join("bob")
        async with reach(outputs) as parley:
            chat_id = await parley.direct_chat(alice, bob)
            async with parley.device(alice) as device:

                async def write() -> None:
                    while True:
                        message = await device.client.send(chat_id, f"message {len(acked) + 1}")
                        acked.append((message.seq, message.id))

                writing = asyncio.create_task(write())
                await device.shows(chat_id, ENOUGH)
                kill(files)
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
    assert len(acked) >= ENOUGH

    with running(options) as outputs_again:
        assert outputs_again == outputs
        token = People(UserPool.of(options.target, outputs)).sign_in(alice.username, alice.password)
        async with reach(outputs) as parley:
            kept = await parley.history(replace(alice, access_token=token), chat_id)
    assert [(message["seq"], message["id"]) for message in kept][: len(acked)] == acked
    assert len(kept) <= len(acked) + 1  # the send that was on its way may have landed without its ack


@contextmanager
def running(options: Options) -> Iterator[Outputs]:
    """Have a target up, with what data it has; stop it afterwards unless it has been killed."""
    up = bring_up(options, Progress())
    try:
        yield up.outputs
    finally:
        up.stop()


def kill(files: LocalFiles) -> None:
    """End localcloud as a power cut does."""
    noted = read_running(files.state)
    assert noted is not None
    assert noted.process_id is not None
    os.kill(noted.process_id, signal.SIGKILL)
