"""Blocks, in the table of chats: BLOCK#userId beside a direct chat's members, and a list for each user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get
from chat.adapters.lists import UserLists, listed_key
from chat.domain import direct_chat_id
from chat.ports.users import BlockPage, BlocksAmong

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item

LIST = "blocks"
"""What the lists of those whom users have blocked are called."""
BATCH_USERS = 50
"""Users whose blocks, two keys each, one BatchGetItem reads."""


class BlocksTable:
    """Serves `ports.Blocks`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of chats with this name."""
        self._client = client
        self._table = table
        self._lists = UserLists(client, table, LIST)

    def add(self, user_id: str, other_id: str, at: str) -> None:
        """Let the user have blocked the other."""
        puts: list[Any] = [
            {"Put": {"TableName": self._table, "Item": {**key, "blockedAt": {"S": at}}}}
            for key in (_key(user_id, other_id), listed_key(LIST, user_id, other_id))
        ]
        self._client.transact_write_items(TransactItems=puts)

    def remove(self, user_id: str, other_id: str) -> None:
        """Let the user not have blocked the other."""
        deletes: list[Any] = [
            {"Delete": {"TableName": self._table, "Key": key}}
            for key in (_key(user_id, other_id), listed_key(LIST, user_id, other_id))
        ]
        self._client.transact_write_items(TransactItems=deletes)

    def of_user(self, user_id: str, after: str | None, limit: int) -> BlockPage:
        """A page of those whom the user has blocked, in the order of their ids."""
        return BlockPage(*self._lists.page(user_id, after, limit))

    def among(self, user_id: str, other_ids: Sequence[str]) -> BlocksAmong:
        """The blocks between the user and each of the others."""
        blocked: set[str] = set()
        blocked_by: set[str] = set()
        for start in range(0, len(other_ids), BATCH_USERS):
            batch = other_ids[start : start + BATCH_USERS]
            by_chat = {direct_chat_id(user_id, other): other for other in batch}
            keys = [key for o in by_chat.values() for key in (_key(user_id, o), _key(o, user_id))]
            request = {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "chatId, sk"}
            for item in batch_get(self._client, {self._table: request})[self._table]:
                by_user = item["sk"]["S"] == f"BLOCK#{user_id}"
                (blocked if by_user else blocked_by).add(by_chat[item["chatId"]["S"]])
        return BlocksAmong(blocked, blocked_by)


def _key(user_id: str, other_id: str) -> Item:
    """Beside the members of their direct chat, where a send finds it without a read of its own."""
    return {"chatId": {"S": direct_chat_id(user_id, other_id)}, "sk": {"S": f"BLOCK#{user_id}"}}
