"""New code under load: while a changed bundle is deployed, nobody who writes loses or repeats a message."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.support.own_stack import copy_handlers
from e2e.support.parley import ping
from e2e.support.promises import promises_kept
from e2e.support.scenes import ask
from e2e.support.writers import UNDAUNTED, writing
from harness.deploy import deploy_local
from harness.package import Bundle, Sources, package
from harness.parameters import parameters_file, read_parameters

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.local_only("it deploys to the stack under test")

BEFORE, AFTER = 20, 20
"""Messages that are shown before the deployment begins and after it has ended."""


@pytest.fixture
def changed(account: Account, folder: Path) -> Bundle:
    """Package handlers that all differ from the deployed ones; a ping shows it."""
    handlers = copy_handlers(folder)
    for entry in handlers.glob("*.py"):
        entry.write_text(entry.read_text() + "\n# changed\n")
    protocol = handlers / "chat" / "protocol" / "server_frames.py"
    protocol.write_text(protocol.read_text().replace('tag="pong"', 'tag="gnop"'))
    output = folder / "bundle"
    shutil.copytree(package(account.target.platform).folder, output)  # with its layer, which stays
    return package(account.target.platform, output, Sources(handlers=handlers))


async def test_deployment_of_changed_handlers_amid_a_conversation_loses_nothing(
    parley: Parley, account: Account, alice: Person, bob: Person, changed: Bundle
) -> None:
    """Both write while every function's code is replaced: both see one chat, with all they sent."""
    parameters = read_parameters(parameters_file("dev"))
    chat_id = await parley.direct_chat(alice, bob)
    async with (
        parley.device(alice, policy=UNDAUNTED) as hers,
        parley.device(bob, policy=UNDAUNTED) as his,
        parley.socket(alice) as socket,
    ):
        async with writing(hers, chat_id, "alice") as her_texts, writing(his, chat_id, "bob") as his_texts:
            await his.shows(chat_id, BEFORE)
            assert (await ask(socket, ping()))["type"] == "pong"
            await asyncio.to_thread(deploy_local, account.target, changed, account.stack_name, parameters)
            assert (await ask(socket, ping()))["type"] == "gnop"
            await his.shows(chat_id, len(his.shown(chat_id)) + AFTER)
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: her_texts, bob: his_texts})
