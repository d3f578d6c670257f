"""Deployments that are taken back, or that fail midway, under traffic: nothing that was acked is lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.support.deployments import MORE, conversation, edit, tell_moods
from e2e.support.own_stack import copy_handlers
from e2e.support.parley import ping
from e2e.support.scenes import ask
from harness import paths
from harness.errors import HarnessError
from harness.package import Bundle, Sources, package

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.deployments import Operator
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.local_only("it deploys to the stack under test")

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
    edit(handlers / "chat" / "protocol" / "server_frames.py", 'tag="pong"', 'tag="gnop"')
    tell_moods(handlers)
    edit(
        stack / "realtime.yaml",
        "          SEND_LIMIT: !Ref SendLimit\n",
        "          SEND_LIMIT: !Ref SendLimit\n          NEXT_VERSION: it\n",
    )
    seq = "        - { AttributeName: seq, "
    edit(stack / "data.yaml", f"{seq}AttributeType: N }}", f"{seq}AttributeType: N }}\n{SENT_AT}")
    edit(stack / "data.yaml", f"{seq}KeyType: RANGE }}\n", f"{seq}KeyType: RANGE }}\n{INDEX}")
    now = package(account.target.platform)
    output = shutil.copytree(now.folder, folder / "bundle")  # with its layer, which stays
    sources = Sources(stack=stack, handlers=handlers)
    return Versions(now, package(account.target.platform, output, sources), stack, sources)


async def runs(operator: Operator) -> tuple[str, bool, bool]:
    """What answers a ping, whether the function is told more, and whether the table has the index."""
    account = operator.account
    function = account.resources["AWS::Lambda::Function", "SendMessage"]
    configuration = account.functions.get_function_configuration(FunctionName=function)
    table = account.dynamodb.describe_table(TableName=account.table("Messages"))["Table"]
    pong = await ask(operator.socket, ping())
    return (
        pong["type"],
        "NEXT_VERSION" in configuration["Environment"]["Variables"],
        bool(table.get("GlobalSecondaryIndexes")),
    )


NOW = ("pong", False, False)
NEXT = ("gnop", True, True)


async def test_version_that_is_taken_back_under_traffic_loses_nothing(
    parley: Parley, account: Account, alice: Person, bob: Person, versions: Versions
) -> None:
    """N, N+1 with its code, variable, index and attribute, and N again: one chat, each message once."""
    async with conversation(parley, account, alice, bob) as operator:
        assert await runs(operator) == NOW
        await operator.deploy(versions.next)
        assert await runs(operator) == NEXT
        await operator.deploy(versions.now)
        assert await runs(operator) == NOW
        assert sum(operator.told_moods()) >= MORE  # which N has just shown to both


async def test_deployment_that_fails_midway_under_traffic_leaves_everything_as_it_was(
    parley: Parley, account: Account, alice: Person, bob: Person, versions: Versions
) -> None:
    """CloudFormation takes back what it had changed by then, nested stacks too; who writes goes on."""
    edit(versions.stack / "root.yaml", "\nOutputs:\n", FAILING)
    async with conversation(parley, account, alice, bob) as operator:
        with pytest.raises(HarnessError, match="UPDATE_ROLLBACK_COMPLETE"):
            await operator.deploy(versions.rebuilt(account))
        assert await runs(operator) == NOW
