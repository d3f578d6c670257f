"""A connection that is gone costs nobody a message: a post to it answers 410 and its entry goes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from e2e.support.deadlines import eventually
from e2e.support.parley import ping, send_message

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person


def put_back(account: Account, person: Person, entries: dict[str, AttributeValueTypeDef]) -> None:
    """Write entries of connections that a person had an hour ago, as if their $disconnect had never come."""
    for entry in entries.values():
        entry["M"]["connectedAt"]["N"] = str(int((time.time() - 3_600) * 1_000))
    account.dynamodb.update_item(
        TableName=account.table("Connections"),
        Key={"userId": {"S": person.user_id}},
        UpdateExpression="SET " + ", ".join(f"#{number} = :{number}" for number in range(len(entries))),
        ExpressionAttributeNames={f"#{number}": name for number, name in enumerate(entries)},
        ExpressionAttributeValues={f":{number}": value for number, value in enumerate(entries.values())},
    )


async def test_stale_connection_is_purged_and_the_others_are_served(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Two of bob's three devices are gone without $disconnect: the third is served, their entries go."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(bob), parley.socket(bob):
        stale = await eventually(lambda: account.connections(bob.user_id), lambda entries: len(entries) == 2)
    await eventually(lambda: account.connections(bob.user_id), lambda entries: not entries)
    put_back(account, bob, stale)

    async with parley.socket(bob) as live, parley.socket(alice) as sender:
        before = await account.connections(bob.user_id)
        assert stale.keys() < before.keys()
        ack = await sender.ask(send_message(chat_id, 0, "still there?"))
        pushed = await live.first(lambda frame: frame["type"] == "message")
        after = await eventually(lambda: account.connections(bob.user_id), lambda entries: len(entries) == 1)
        assert after.keys() == before.keys() - stale.keys()
        assert (await live.ask(ping()))["type"] == "pong"
    assert ack["type"] == "ack"
    assert pushed["message"]["text"] == "still there?"


async def test_stale_connection_of_the_only_device_fails_no_send(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Where the other's only connection is stale the send is acked, and the message waits for the return."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(bob):
        stale = await eventually(lambda: account.connections(bob.user_id))
    await eventually(lambda: account.connections(bob.user_id), lambda entries: not entries)
    put_back(account, bob, stale)
    async with parley.socket(alice) as sender:
        assert (await sender.ask(send_message(chat_id, 0, "later then")))["type"] == "ack"
    await eventually(lambda: account.connections(bob.user_id), lambda entries: not entries)
    assert [message["text"] for message in await parley.history(bob, chat_id)] == ["later then"]


async def test_connection_killed_without_closing_is_forgotten(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """A TCP connection that dies ends in $disconnect or, at the next message, in 410: its entry goes."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as sender, parley.socket(bob) as dying:
        await eventually(lambda: account.connections(bob.user_id))
        dying.kill()
        assert (await sender.ask(send_message(chat_id, 0, "hello?")))["type"] == "ack"
        await eventually(lambda: account.connections(bob.user_id), lambda entries: not entries)
