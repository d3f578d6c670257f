"""Bringing back what a table lost: the chat is as it was, and what was written since stays."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from harness.restore import restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.local_only("it deletes messages behind the stack's back")

TEXTS = [f"text {number}" for number in range(30)]


@contextmanager
def restored_table(account: Account, of: str) -> Iterator[str]:
    """Have a table beside another with all its items, as DynamoDB restores a point in time into a new one.

    The embedded target keeps no past of its tables, so the copy is of the present.
    """
    name = f"{of}-restored"
    described = account.dynamodb.describe_table(TableName=of)["Table"]
    account.dynamodb.create_table(
        TableName=name,
        KeySchema=described["KeySchema"],
        AttributeDefinitions=[
            each
            for each in described["AttributeDefinitions"]
            if each["AttributeName"] in {key["AttributeName"] for key in described["KeySchema"]}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    account.dynamodb.get_waiter("table_exists").wait(TableName=name)
    try:
        restore(account.dynamodb, of, name, overwrite=True)
        yield name
    finally:
        account.dynamodb.delete_table(TableName=name)


async def test_messages_that_were_lost_are_brought_back_and_newer_ones_stay(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Some of a chat's items are deleted, and people write on: what is gone comes from the restored table."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers:
        await hers.write(chat_id, TEXTS)
        before = await parley.history(bob, chat_id)
        table = account.table("Messages")
        with restored_table(account, table) as source:
            for seq in (1, 7, 8, 9, 20):
                key = {"chatId": {"S": chat_id}, "seq": {"N": str(seq)}}
                account.dynamodb.delete_item(TableName=table, Key=key)
            await hers.write(chat_id, ["written since"])
            assert [message["seq"] for message in await parley.history(bob, chat_id)] != list(range(1, 32))
            command = ("python", "-m", "harness", "restore", "--env", "dev", "--stack", account.stack_name)
            where = ("--target", account.target.name, "--endpoint-url", str(account.target.endpoint_url))
            said = account.ask(*command, *where, "--table", "Messages", "--from", source, "--yes")
    assert re.search(r"\b5 of \d+ items were written", said)
    after = await parley.history(bob, chat_id)
    assert after[:-1] == before
    assert after[-1]["text"] == "written since"
