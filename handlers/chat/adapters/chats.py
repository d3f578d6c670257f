"""The table of chats: an item META a chat, an item MEMBER#userId a member, an index ByUser of the latter."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get
from chat.domain import DIRECT
from chat.ports import ChatPage, Found

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from chat.adapters.aws import Item

CREATE_ATTEMPTS = 5
CREATE_BACKOFF = 0.010
"""Seconds: after attempt n that met another transaction, wait a random part of base * 2**n."""


class ChatsTable:
    """Serves `ports.Chats`."""

    def __init__(self, client: DynamoDBClient, table: str, messages_table: str = "") -> None:
        """Use the table with this name; `look_up` also reads the messages table."""
        self._client = client
        self._table = table
        self._messages_table = messages_table

    def look_up(self, chat_id: str, user_ids: Sequence[str], seq: int) -> Found:
        """In one request: which of the users are members, and whether message `seq` exists; 0 always does."""
        requests: dict[str, Any] = {}
        if user_ids:
            requests[self._table] = _members_request([_member_key(chat_id, user_id) for user_id in user_ids])
        if seq:
            requests[self._messages_table] = {
                "Keys": [{"chatId": {"S": chat_id}, "seq": {"N": str(seq)}}],
                "ConsistentRead": True,
                "ProjectionExpression": "seq",
            }
        found = batch_get(self._client, requests) if requests else {}
        members = {item["userId"]["S"] for item in found.get(self._table, ())}
        return Found(members, not seq or bool(found[self._messages_table]))

    def is_member(self, chat_id: str, user_id: str) -> bool:
        """Whether the user is a member of the chat."""
        response = self._client.get_item(
            TableName=self._table,
            Key=_member_key(chat_id, user_id),
            ConsistentRead=True,
            ProjectionExpression="userId",
        )
        return "Item" in response

    def memberships(self, user_id: str, chat_ids: Collection[str]) -> Collection[str]:
        """Those of the chats (at most 100) whose member the user is."""
        keys = [_member_key(chat_id, user_id) for chat_id in chat_ids]
        found = batch_get(self._client, {self._table: _members_request(keys)})
        return {item["chatId"]["S"] for item in found[self._table]}

    def create_direct(self, chat_id: str, user_ids: Sequence[str], created_at: str) -> bool:
        """Create a chat and its members at once; False when it exists already."""
        meta: Item = {
            "chatId": {"S": chat_id},
            "sk": {"S": "META"},
            "kind": {"S": DIRECT},
            "createdAt": {"S": created_at},
        }
        puts: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": meta,
                    "ConditionExpression": "attribute_not_exists(chatId)",
                }
            }
        ]
        for user_id in user_ids:
            member = {**_member_key(chat_id, user_id), "userId": {"S": user_id}}
            puts.append({"Put": {"TableName": self._table, "Item": member}})
        attempt = 1
        while True:
            try:
                self._client.transact_write_items(TransactItems=puts)
            except self._client.exceptions.TransactionCanceledException as canceled:
                reasons = {reason.get("Code") for reason in canceled.response.get("CancellationReasons", ())}
                if "ConditionalCheckFailed" in reasons:
                    return False
                if attempt >= CREATE_ATTEMPTS:  # both users keep creating the chat at the same moment
                    raise
                time.sleep(random.random() * CREATE_BACKOFF * 2**attempt)  # noqa: S311 - jitter
                attempt += 1
            else:
                return True

    def of_user(self, user_id: str, after: str | None, limit: int) -> ChatPage:
        """A page of the chats of a user, which may lack what was created a moment ago."""
        start: Any = {}
        if after is not None:
            start = {"ExclusiveStartKey": {**_member_key(after, user_id), "userId": {"S": user_id}}}
        response = self._client.query(
            TableName=self._table,
            IndexName="ByUser",
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
            Limit=limit,
            **start,
        )
        last = response.get("LastEvaluatedKey")
        return ChatPage(
            [item["chatId"]["S"] for item in response["Items"]], last["chatId"]["S"] if last else None
        )


def _member_key(chat_id: str, user_id: str) -> Item:
    return {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{user_id}"}}


def _members_request(keys: list[Item]) -> dict[str, Any]:
    return {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "chatId, userId"}
