"""The table of messages: key chatId and seq, so that a chat's messages lie in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.adapters.aws import batch_get
from chat.attachments import Attachment
from chat.changes import version_of
from chat.domain import Message, Page

if TYPE_CHECKING:
    from collections.abc import Collection

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

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
                Item=_item(chat_id, message),
                ConditionExpression="attribute_not_exists(seq)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, chat_id: str, seq: int) -> Message | None:
        """The message with this number."""
        response = self._client.get_item(
            TableName=self._table, Key=message_key(chat_id, seq), ConsistentRead=True
        )
        return _message(response["Item"]) if "Item" in response else None

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


def message_key(chat_id: str, seq: int) -> Item:
    """The key of a message."""
    return {"chatId": {"S": chat_id}, "seq": {"N": str(seq)}}


def read_messages(
    client: DynamoDBClient, table: str, chat_id: str, seqs: Collection[int]
) -> dict[int, Message]:
    """Those of the messages with these numbers (at most 100) that exist, in one strongly consistent read."""
    keys = [message_key(chat_id, seq) for seq in seqs]
    found = batch_get(client, {table: {"Keys": keys, "ConsistentRead": True}})
    return {message.seq: message for message in map(_message, found[table])}


def replacement(table: str, chat_id: str, message: Message, was: Message) -> TransactWriteItemTypeDef:
    """The part of a transaction that writes a message in place of exactly the version `was`."""
    put: PutTypeDef = {
        "TableName": table,
        "Item": _item(chat_id, message),
        "ConditionExpression": "attribute_exists(seq) AND attribute_not_exists(#change)",
        "ExpressionAttributeNames": {"#change": "change"},
    }
    if version := version_of(was):
        put["ConditionExpression"] = "#change = :was"
        put["ExpressionAttributeValues"] = {":was": {"N": str(version)}}
    return {"Put": put}


def _item(chat_id: str, message: Message) -> Item:
    item: Item = message_key(chat_id, message.seq) | {
        "id": {"S": message.id},
        "senderId": {"S": message.sender_id},
        "sentAt": {"S": message.sent_at},
        "body": {"S": message.text},
    }
    if message.reply_to is not UNSET:
        item["replyTo"] = {"N": str(message.reply_to)}
    if message.mentions is not UNSET:
        item["mentions"] = {"L": [{"S": user_id} for user_id in message.mentions]}
    if message.edited_at is not UNSET:
        item["editedAt"] = {"S": message.edited_at}
    if message.deleted_at is not UNSET:
        item["deletedAt"] = {"S": message.deleted_at}
    if message.reactions is not UNSET:
        item["reactions"] = {"M": {user_id: {"S": emoji} for user_id, emoji in message.reactions.items()}}
    if message.change is not UNSET:
        item["change"] = {"N": str(message.change)}
    if message.attachment is not UNSET:
        item["attachment"] = _attachment_item(message.attachment)
    return item


def _message(item: Item) -> Message:
    return Message(
        id=item["id"]["S"],
        seq=int(item["seq"]["N"]),
        sender_id=item["senderId"]["S"],
        sent_at=item["sentAt"]["S"],
        text=item["body"]["S"],
        reply_to=int(item["replyTo"]["N"]) if "replyTo" in item else UNSET,
        mentions=[user_id["S"] for user_id in item["mentions"]["L"]] if "mentions" in item else UNSET,
        edited_at=item["editedAt"]["S"] if "editedAt" in item else UNSET,
        deleted_at=item["deletedAt"]["S"] if "deletedAt" in item else UNSET,
        reactions={user_id: emoji["S"] for user_id, emoji in item["reactions"]["M"].items()}
        if "reactions" in item
        else UNSET,
        change=int(item["change"]["N"]) if "change" in item else UNSET,
        attachment=_attachment(item["attachment"]["M"]) if "attachment" in item else UNSET,
    )


def _attachment_item(attachment: Attachment) -> Item:
    item: Item = {
        "mediaId": {"S": attachment.media_id},
        "name": {"S": attachment.name},
        "contentType": {"S": attachment.content_type},
        "bytes": {"N": str(attachment.bytes)},
    }
    if attachment.width is not UNSET:
        item["width"] = {"N": str(attachment.width)}
    if attachment.height is not UNSET:
        item["height"] = {"N": str(attachment.height)}
    return {"M": item}


def _attachment(item: Item) -> Attachment:
    return Attachment(
        media_id=item["mediaId"]["S"],
        name=item["name"]["S"],
        content_type=item["contentType"]["S"],
        bytes=int(item["bytes"]["N"]),
        width=int(item["width"]["N"]) if "width" in item else UNSET,
        height=int(item["height"]["N"]) if "height" in item else UNSET,
    )
