"""Deployments that are taken back, or that fail midway, under traffic: nothing that was acked is lost."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.support.own_stack import copy_handlers
from e2e.support.parley import ping
from e2e.support.promises import promises_kept
from e2e.support.scenes import ask
from e2e.support.writers import UNDAUNTED, writing
from harness import paths
from harness.deploy import deploy_local
from harness.errors import HarnessError
from harness.package import Bundle, Sources, package
from harness.parameters import parameters_file, read_parameters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.devices import Device
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Socket

pytestmark = pytest.mark.local_only("it deploys to the stack under test")

MORE = 5
"""Messages that are shown between one deployment and the next."""
SENT_AT = "        - { AttributeName: sentAt, AttributeType: S }"
INDEX = """\
      GlobalSecondaryIndexes:
        - IndexName: BySentAt
          KeySchema:
            - { AttributeName: chatId, KeyType: HASH }
            - { AttributeName: sentAt, KeyType: RANGE }
          Projection: { ProjectionType: KEYS_ONLY }
"""
FAILING = """
  Failing:
    Type: AWS::Lambda::Function
    DependsOn: [Realtime, Rest, Changes]
    Properties:
      Code: { ZipFile: "" }
      Handler: index.handler
      Runtime: python3.13
      Role: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nobody
      Environment: { Variables: { AWS_REGION: nowhere } }

Outputs:
"""
"""A function that Lambda refuses, to be made once the nested stacks before it have been updated."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The stack as it is, N, and the next, N+1, as two bundles."""

    now: Bundle
    next: Bundle
    stack: Path
    """The templates of the next, to be changed further."""
    sources: Sources

    def rebuilt(self, account: Account) -> Bundle:
        """The next version, with what was changed in its sources since."""
        return package(account.target.platform, self.next.folder, self.sources)


@pytest.fixture
def versions(account: Account, folder: Path) -> Versions:
    """Make N+1: each function changed, one told more by its template, a table with another index.

    Its messages hold an attribute that N has never heard of, and its pong is another word.
    """
    handlers, stack = copy_handlers(folder), shutil.copytree(paths.STACK, folder / "stack")
    _edit(handlers / "chat" / "protocol" / "server_frames.py", 'tag="pong"', 'tag="gnop"')
    _edit(
        handlers / "chat" / "adapters" / "messages.py",
        '"body": {"S": message.text},',
        '"body": {"S": message.text},\n        "mood": {"S": "of N+1"},',
    )
    _edit(
        stack / "realtime.yaml",
        "          SEND_LIMIT: !Ref SendLimit\n",
        "          SEND_LIMIT: !Ref SendLimit\n          NEXT_VERSION: it\n",
    )
    seq = "        - { AttributeName: seq, "
    _edit(stack / "data.yaml", f"{seq}AttributeType: N }}", f"{seq}AttributeType: N }}\n{SENT_AT}")
    _edit(stack / "data.yaml", f"{seq}KeyType: RANGE }}\n", f"{seq}KeyType: RANGE }}\n{INDEX}")
    now = package(account.target.platform)
    output = shutil.copytree(now.folder, folder / "bundle")  # with its layer, which stays
    sources = Sources(stack=stack, handlers=handlers)
    return Versions(now, package(account.target.platform, output, sources), stack, sources)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, f"{path} is not what this test changes any more: {old!r}"
    path.write_text(text.replace(old, new))


@dataclass(frozen=True, slots=True)
class Operator:
    """Deploys while people write, and sees what runs."""

    account: Account
    socket: Socket
    devices: tuple[Device, ...]
    chat_id: str

    async def deploy(self, bundle: Bundle) -> None:
        """Deploy a version, then wait until every device was shown more."""
        parameters = read_parameters(parameters_file("dev"))
        await asyncio.to_thread(
            deploy_local, self.account.target, bundle, self.account.stack_name, parameters
        )
        await self.more()

    async def more(self) -> None:
        """Wait until every device was shown more of what is written meanwhile."""
        for device in self.devices:
            await device.shows(self.chat_id, len(device.shown(self.chat_id)) + MORE)

    async def runs(self) -> tuple[str, bool, bool]:
        """What answers a ping, whether the function is told more, and whether the table has the index."""
        function = self.account.resources["AWS::Lambda::Function", "SendMessage"]
        configuration = self.account.functions.get_function_configuration(FunctionName=function)
        table = self.account.dynamodb.describe_table(TableName=self.account.table("Messages"))["Table"]
        pong = await ask(self.socket, ping())
        return (
            pong["type"],
            "NEXT_VERSION" in configuration["Environment"]["Variables"],
            bool(table.get("GlobalSecondaryIndexes")),
        )


NOW = ("pong", False, False)
NEXT = ("gnop", True, True)


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


async def test_version_that_is_taken_back_under_traffic_loses_nothing(
    parley: Parley, account: Account, alice: Person, bob: Person, versions: Versions
) -> None:
    """N, N+1 with its code, variable, index and attribute, and N again: one chat, each message once."""
    async with conversation(parley, account, alice, bob) as operator:
        assert await operator.runs() == NOW
        await operator.deploy(versions.next)
        assert await operator.runs() == NEXT
        await operator.deploy(versions.now)
        assert await operator.runs() == NOW
        pages = account.dynamodb.get_paginator("query").paginate(
            TableName=account.table("Messages"),
            KeyConditionExpression="chatId = :chat",
            FilterExpression="attribute_exists(mood)",
            ExpressionAttributeValues={":chat": {"S": operator.chat_id}},
        )
        assert sum(page["Count"] for page in pages) >= MORE  # which N has just shown to both


async def test_deployment_that_fails_midway_under_traffic_leaves_everything_as_it_was(
    parley: Parley, account: Account, alice: Person, bob: Person, versions: Versions
) -> None:
    """CloudFormation takes back what it had changed by then, nested stacks too; who writes goes on."""
    _edit(versions.stack / "root.yaml", "\nOutputs:\n", FAILING)
    async with conversation(parley, account, alice, bob) as operator:
        with pytest.raises(HarnessError, match="UPDATE_ROLLBACK_COMPLETE"):
            await operator.deploy(versions.rebuilt(account))
        assert await operator.runs() == NOW
