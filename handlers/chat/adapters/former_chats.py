"""Chats that users have left, in the table of chats: a list for each user, and the end of direct chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.lists import UserLists, listed_key
from chat.adapters.rosters import member_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

LIST = "former"
"""What the lists of chats that users have left are called."""


class FormerChatsTable:
    """Serves `ports.FormerChats`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of chats with this name."""
        self._client = client
        self._table = table
        self._lists = UserLists(client, table, LIST)

    def add(self, user_id: str, chat_id: str) -> None:
        """Write down that the user has left the chat, or is about to."""
        self._client.put_item(TableName=self._table, Item=listed_key(LIST, user_id, chat_id))

    def of_user(self, user_id: str, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` chats that the user has left, by their ids, from the first that follows `after`."""
        return self._lists.page(user_id, after, limit).listed

    def remove(self, user_id: str, chat_id: str) -> None:
        """Strike the chat off."""
        self._client.delete_item(TableName=self._table, Key=listed_key(LIST, user_id, chat_id))

    def leave_direct(self, user_id: str, chat_id: str) -> None:
        """End the user's part in a direct chat, which nobody writes to afterwards."""
        self._client.delete_item(TableName=self._table, Key=member_key(chat_id, user_id))


def former_write(table: str, user_id: str, chat_id: str) -> TransactWriteItemTypeDef:
    """Write the chat down together with the end of the membership."""
    return {"Put": {"TableName": table, "Item": listed_key(LIST, user_id, chat_id)}}
