"""An operator's command line: `aws`, and `awslocal` on a local target, list tables and read a chat."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person


@pytest.fixture(
    params=["aws", pytest.param("awslocal", marks=pytest.mark.local_only("awslocal names local endpoints"))]
)
def program(request: pytest.FixtureRequest) -> str:
    """Give each command line that works on the target."""
    return str(request.param)


async def test_command_line_lists_the_tables(account: Account, program: str) -> None:
    """All of the stack's tables are there by their names."""
    listed = json.loads(account.ask(program, "dynamodb", "list-tables", "--output", "json"))["TableNames"]
    assert set(account.of_type("AWS::DynamoDB::Table").values()) <= set(listed)


async def test_command_line_reads_a_chat(
    parley: Parley, account: Account, alice: Person, bob: Person, program: str
) -> None:
    """A query for the chat gives its messages in their order."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "one", "two"))
    printed = account.ask(
        *(program, "dynamodb", "query", "--table-name", account.table("Messages")),
        *("--key-condition-expression", "chatId = :chat"),
        *("--expression-attribute-values", json.dumps({":chat": {"S": chat_id}}), "--output", "json"),
    )
    items = json.loads(printed)["Items"]
    assert [(item["seq"]["N"], item["senderId"]["S"]) for item in items] == [
        ("1", alice.user_id),
        ("2", alice.user_id),
    ]
