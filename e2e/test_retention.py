"""Retention: old messages go when their days are over, and a chat keeps its tail and its numbers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.local_only("it changes the functions' settings, and purges the whole stack")


@contextmanager
def retention(account: Account, days: int) -> Iterator[None]:
    """Keep messages for so many days as long as the block lasts, as the parameter RetentionDays does."""
    changed = {}
    for name in ("StartPurge", "Purge"):
        function = account.of_type("AWS::Lambda::Function")[name]
        configuration = account.functions.get_function_configuration(FunctionName=function)
        changed[function] = configuration["Environment"]["Variables"]
    try:
        for function, variables in changed.items():
            account.functions.update_function_configuration(
                FunctionName=function, Environment={"Variables": {**variables, "RETENTION_DAYS": str(days)}}
            )
        yield
    finally:
        for function, variables in changed.items():
            account.functions.update_function_configuration(
                FunctionName=function, Environment={"Variables": variables}
            )


def start(account: Account) -> None:
    """Do what the schedule does once a day."""
    function = account.of_type("AWS::Lambda::Function")["StartPurge"]
    answer = account.functions.invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in answer


def age(account: Account, chat_id: str, *seqs: int) -> None:
    """Make messages of a chat years old."""
    for seq in seqs:
        account.dynamodb.update_item(
            TableName=account.table("Messages"),
            Key={"chatId": {"S": chat_id}, "seq": {"N": str(seq)}},
            UpdateExpression="SET sentAt = :at",
            ExpressionAttributeValues={":at": {"S": "2020-01-01T00:00:00.000Z"}},
        )


async def seqs(parley: Parley, person: Person, chat_id: str) -> list[int]:
    """The numbers of a chat's messages."""
    return [message["seq"] for message in await parley.history(person, chat_id)]


async def test_old_messages_go_and_the_chat_goes_on(
    parley: Parley, account: Account, alice: Person, bob: Person, carol: Person
) -> None:
    """Up to the first that is young; of a chat that is old altogether the last message stays."""
    young = await parley.direct_chat(alice, bob)
    old = await parley.direct_chat(alice, carol)
    async with parley.socket(alice) as socket:
        for chat_id in (young, old):
            await socket.ask(send_message(chat_id, 0, "1", "2", "3"))
        age(account, young, 1, 2)
        age(account, old, 1, 2, 3)
        with retention(account, 30):
            start(account)
            await eventually(lambda: seqs(parley, alice, young), lambda left: left == [3])
            await eventually(lambda: seqs(parley, alice, old), lambda left: left == [3])
        ack = await socket.ask(send_message(old, 3, "4"))
    assert [message["seq"] for message in ack["messages"]] == [4]
    assert await seqs(parley, carol, old) == [3, 4]


async def test_messages_are_kept_for_ever_where_no_days_are_set(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """The stack as it is deployed: the purge of a day does nothing."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "1", "2"))
    age(account, chat_id, 1, 2)
    start(account)
    queue = account.of_type("AWS::SQS::Queue")["PurgeQueue"]
    assert queue
    assert await seqs(parley, alice, chat_id) == [1, 2]
