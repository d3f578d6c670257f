"""Versions beside each other: what a later version has written, this one reads, and mostly keeps.

docs/operations.md, "Roll back", says what follows for a change of the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from chat.adapters import aws as aws_clients
from chat.adapters.chats import ChatsTable
from chat.adapters.connections import ConnectionsTable
from chat.adapters.messages import MessagesTable, read_messages, replacement
from chat.adapters.users import UsersTable
from chat.domain import Message
from tests.handlers.support.gateway_events import Person

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from tests.handlers.support.service import Parley

LATER: AttributeValueTypeDef = {"S": "written by a later version"}


@pytest.fixture
def client(parley: Parley) -> DynamoDBClient:
    """The entries' own client."""
    assert parley.aws.calls == []
    return aws_clients.dynamodb()


def write_later(client: DynamoDBClient, table: str, key: dict[str, AttributeValueTypeDef]) -> None:
    """Add an attribute to an item that this version has never heard of."""
    client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET later = :later",
        ExpressionAttributeValues={":later": LATER},
    )


def test_message_of_a_later_version_is_read_as_ever(client: DynamoDBClient) -> None:
    """By its number, in a page, in a batch: an attribute that is not known is passed over."""
    table, chat_id = MessagesTable(client, "messages"), f"dm:{Person().user_id}:zzz"
    message = Message("1", 1, "a", "t", "hi")
    assert table.put(chat_id, message)
    write_later(client, "messages", {"chatId": {"S": chat_id}, "seq": {"N": "1"}})
    assert table.get(chat_id, 1) == message
    assert table.after(chat_id, 0, 10).messages == [message]
    assert read_messages(client, "messages", chat_id, [1]) == {1: message}


def test_message_of_a_later_version_that_is_edited_keeps_what_is_known_alone(client: DynamoDBClient) -> None:
    """An edit writes the message whole, so what only the later version knows is gone."""
    table, chat_id = MessagesTable(client, "messages"), f"dm:{Person().user_id}:zzz"
    was = Message("1", 1, "a", "t", "hi")
    assert table.put(chat_id, was)
    key: dict[str, AttributeValueTypeDef] = {"chatId": {"S": chat_id}, "seq": {"N": "1"}}
    write_later(client, "messages", key)
    now = msgspec.structs.replace(was, text="edited", edited_at="u", change=1)
    client.transact_write_items(TransactItems=[replacement("messages", chat_id, now, was)])
    assert table.get(chat_id, 1) == now
    assert "later" not in client.get_item(TableName="messages", Key=key, ConsistentRead=True)["Item"]


def test_profile_of_a_later_version_is_read_and_keeps_what_is_not_known(
    parley: Parley, client: DynamoDBClient
) -> None:
    """Profiles are changed attribute by attribute."""
    alice = Person("alice")
    assert parley.request(alice, "GET /users/me")[0] == 200  # which makes it
    table = UsersTable(client, "users")
    key: dict[str, AttributeValueTypeDef] = {"userId": {"S": alice.user_id}}
    before = table.get(alice.user_id)
    assert before is not None
    write_later(client, "users", key)
    assert table.get(alice.user_id) == before
    updated = table.update(alice.user_id, {"about": "new"})
    assert updated is not None
    assert updated.now == msgspec.structs.replace(before, about="new")
    item = client.get_item(TableName="users", Key=key, ConsistentRead=True)["Item"]
    assert item["later"] == LATER


def test_connections_and_members_beside_attributes_of_a_later_version_are_found(
    parley: Parley, client: DynamoDBClient
) -> None:
    """A send goes on reaching everybody while two versions run beside each other."""
    alice, bob = Person("alice"), Person("bob")
    parley.connect(alice, bob)
    chat_id = parley.chat(alice, bob)
    write_later(client, "connections", {"userId": {"S": bob.user_id}})
    write_later(client, "chats", {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{bob.user_id}"}})
    (connection,) = ConnectionsTable(client, "connections").of_users([bob.user_id])
    assert connection.id == bob.connection_id
    assert {member.user_id for member in ChatsTable(client, "chats").list_members(chat_id)} == {
        alice.user_id,
        bob.user_id,
    }
