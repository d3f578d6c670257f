"""The table of messages: key chatId and seq, so that a chat's messages lie in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import Message, Page

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item


class MessagesTable:
    """Serves `ports.Messages`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def put(self, chat_id: str, message: Message) -> bool:
        """Write a message at its number unless that is taken; whether it was written."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "chatId": {"S": chat_id},
                    "seq": {"N": str(message.seq)},
                    "id": {"S": message.id},
                    "senderId": {"S": message.sender_id},
                    "sentAt": {"S": message.sent_at},
                    "body": {"S": message.text},
                },
                ConditionExpression="attribute_not_exists(seq)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def after(self, chat_id: str, seq: int, limit: int) -> Page:
        """Up to `limit` messages that follow `seq`."""
        return self._query(chat_id, "seq > :seq", seq, limit, ascending=True)

    def before(self, chat_id: str, seq: int, limit: int) -> Page:
        """Up to `limit` messages that precede `seq`, the nearest ones, in ascending order."""
        return self._query(chat_id, "seq < :seq", seq, limit, ascending=False)

    def _query(self, chat_id: str, condition: str, seq: int, limit: int, *, ascending: bool) -> Page:
        """Read one item more than asked for: it says whether there is more. 1 MB may cut a page short."""
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression=f"chatId = :chat AND {condition}",
            ExpressionAttributeValues={":chat": {"S": chat_id}, ":seq": {"N": str(seq)}},
            ConsistentRead=True,
            ScanIndexForward=ascending,
            Limit=limit + 1,
        )
        items = response["Items"]
        messages = [_message(item) for item in items[:limit]]
        has_more = len(items) > limit or "LastEvaluatedKey" in response
        return Page(messages if ascending else messages[::-1], has_more)


def _message(item: Item) -> Message:
    return Message(
        id=item["id"]["S"],
        seq=int(item["seq"]["N"]),
        sender_id=item["senderId"]["S"],
        sent_at=item["sentAt"]["S"],
        text=item["body"]["S"],
    )
