"""Channels in the table of chats: who joins and leaves them, and an index ByDirectory of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.rosters import DIRECTORY, member_item, member_key, meta_key
from chat.domain import PAGE_LIMIT, Channel
from chat.roster import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_dynamodb import DynamoDBClient


class ChannelsTable:
    """Serves `ports.Channels`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def search(self, prefix: str, limit: int) -> tuple[Sequence[Channel], bool]:
        """Up to `limit` channels whose names begin with `prefix`, in any case; whether there are more."""
        condition, values = "directory = :directory", {":directory": DIRECTORY}
        if prefix:  # DynamoDB takes no empty value of a key
            condition += " AND begins_with(nameLower, :prefix)"
            values[":prefix"] = {"S": prefix.lower()}
        response = self._client.query(
            TableName=self._table,
            IndexName="ByDirectory",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            Limit=limit + 1,
        )
        found = [Channel(item["chatId"]["S"], item["name"]["S"]) for item in response["Items"]]
        return found[:limit], len(found) > limit

    def join(self, chat_id: str, user_id: str, at: str, since: int) -> bool:
        """Make the user a member, unless the user is one; False when there is no such channel.

        `since` is the number of the channel's last change: a join is none.
        """
        response = self._client.get_item(
            TableName=self._table,
            Key=meta_key(chat_id),
            ConsistentRead=True,
            ProjectionExpression="chatId",
        )
        if "Item" not in response:
            return False
        try:
            self._client.put_item(
                TableName=self._table,
                Item=member_item(chat_id, user_id, Place("member", 0, since), at),
                ConditionExpression="attribute_not_exists(chatId)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return True
        return True

    def leave(self, chat_id: str, user_id: str) -> bool:
        """End the membership of who neither owns nor administers the channel; False for everyone else."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=member_key(chat_id, user_id),
                ConditionExpression="#role = :member",
                ExpressionAttributeNames={"#role": "role"},
                ExpressionAttributeValues={":member": {"S": "member"}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def oldest_member(self, chat_id: str, but: str) -> str | None:
        """Who of the first hundred members, in the order of their ids, but one of them, joined first."""
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="chatId = :chat AND begins_with(sk, :member)",
            ExpressionAttributeValues={":chat": {"S": chat_id}, ":member": {"S": "MEMBER#"}},
            ProjectionExpression="userId, joinedAt",
            ConsistentRead=True,
            Limit=PAGE_LIMIT,
        )
        joined = {item["userId"]["S"]: item["joinedAt"]["S"] for item in response["Items"]}
        joined.pop(but, None)
        return min(joined, key=lambda user_id: (joined[user_id], user_id), default=None)
