"""Deployments to the stack under test while two people write to each other."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from e2e.support.promises import promises_kept
from e2e.support.writers import UNDAUNTED, writing
from harness import change_sets
from harness.deploy import ARTIFACTS_BUCKET, package_locally
from harness.parameters import parameters_file, read_parameters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.devices import Device
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Socket
    from harness.package import Bundle

MORE = 5
"""Messages that are shown between one deployment and the next."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Deploys while people write, and sees what runs."""

    account: Account
    socket: Socket
    devices: tuple[Device, ...]
    chat_id: str

    async def deploy(self, bundle: Bundle) -> None:
        """Deploy a version, then wait until every device was shown more."""
        url = await asyncio.to_thread(package_locally, self.account.target, bundle, ARTIFACTS_BUCKET)
        await self.deploy_packaged(url)

    async def deploy_packaged(self, template_url: str, **changed: str) -> None:
        """Deploy what was packaged, some parameters changed; then wait until every device was shown more."""
        await asyncio.to_thread(deploy_packaged, self.account, template_url, **changed)
        await self.more()

    async def more(self) -> None:
        """Wait until every device was shown more of what is written meanwhile."""
        for device in self.devices:
            await device.shows(self.chat_id, len(device.shown(self.chat_id)) + MORE)

    def told_moods(self) -> list[bool]:
        """Of each message of the chat, in order, whether its item has the attribute `mood`."""
        pages = self.account.dynamodb.get_paginator("query").paginate(
            TableName=self.account.table("Messages"),
            KeyConditionExpression="chatId = :chat",
            ExpressionAttributeValues={":chat": {"S": self.chat_id}},
            ConsistentRead=True,
        )
        return ["mood" in item for page in pages for item in page["Items"]]


def deploy_packaged(account: Account, template_url: str, **changed: str) -> None:
    """Bring the stack under test to a template that was packaged, some of its parameters changed."""
    parameters = {**read_parameters(parameters_file("dev")), **changed}
    change_sets.apply(account.cloudformation, account.stack_name, template_url, parameters)


@asynccontextmanager
async def conversation(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> AsyncIterator[Operator]:
    """Have two people write to each other as long as the block lasts; then see every promise kept."""
    chat_id = await parley.direct_chat(alice, bob)
    async with (
        parley.device(alice, policy=UNDAUNTED) as hers,
        parley.device(bob, policy=UNDAUNTED) as his,
        parley.socket(alice) as socket,
    ):
        operator = Operator(account, socket, (hers, his), chat_id)
        async with writing(hers, chat_id, "alice") as her_texts, writing(his, chat_id, "bob") as his_texts:
            await operator.more()
            yield operator
            await operator.more()
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: her_texts, bob: his_texts})


def edit(path: Path, old: str, new: str) -> None:
    """Change the one place of a file where a text stands."""
    text = path.read_text()
    assert text.count(old) == 1, f"{path} is not what this test changes any more: {old!r}"
    path.write_text(text.replace(old, new))


def tell_moods(handlers: Path) -> None:
    """Have messages be written with an attribute that the version before has never heard of."""
    edit(
        handlers / "chat" / "adapters" / "messages.py",
        '"body": {"S": message.text},',
        '"body": {"S": message.text},\n        "mood": {"S": "of N+1"},',
    )
