"""Retention: the chats by shard, through an index of the table of chats, and the removal of old messages."""

from __future__ import annotations

import random
import time
import zlib
from typing import TYPE_CHECKING, Any

from chat.adapters.aws import UnprocessedKeysError
from chat.adapters.messages import message_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_dynamodb import DynamoDBClient

SHARDS = tuple(f"{number:02}" for number in range(16))
"""The partitions of the index: chats come and are purged at sixteen times what one partition takes."""
BATCH_DELETES = 25
"""Items that one BatchWriteItem deletes, at most."""
BATCH_ATTEMPTS = 6
BATCH_BACKOFF = 0.010
"""Seconds: before attempt n at what was left, wait a random part of base * 2**n."""


def shard_of(chat_id: str) -> str:
    """The shard that a chat is in for good."""
    return SHARDS[zlib.crc32(chat_id.encode()) % len(SHARDS)]


class RetentionTable:
    """Serves `ports.Retention`."""

    def __init__(self, client: DynamoDBClient, chats_table: str, messages_table: str) -> None:
        """Use the tables with these names."""
        self._client = client
        self._chats_table = chats_table
        self._messages_table = messages_table

    def chats(self, shard: str, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` chats of a shard, by their ids, from the first that follows `after`."""
        condition = "#shard = :shard" if after is None else "#shard = :shard AND chatId > :after"
        values: dict[str, Any] = {":shard": {"S": shard}} | ({":after": {"S": after}} if after else {})
        response = self._client.query(
            TableName=self._chats_table,
            IndexName="ByShard",
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#shard": "shard"},
            ExpressionAttributeValues=values,
            Limit=limit,
        )
        return [item["chatId"]["S"] for item in response["Items"]]

    def purge(self, chat_id: str, seqs: Sequence[int]) -> None:
        """Remove these messages of a chat; those that are gone already are passed over."""
        for start in range(0, len(seqs), BATCH_DELETES):
            keys = [message_key(chat_id, seq) for seq in seqs[start : start + BATCH_DELETES]]
            self._delete([{"DeleteRequest": {"Key": key}} for key in keys])

    def _delete(self, requests: Sequence[Any]) -> None:
        left: Any = {self._messages_table: requests}
        for attempt in range(BATCH_ATTEMPTS):
            if attempt:
                time.sleep(random.random() * BATCH_BACKOFF * 2**attempt)  # noqa: S311 - jitter
            left = self._client.batch_write_item(RequestItems=left)["UnprocessedItems"]
            if not left:
                return
        raise UnprocessedKeysError
