"""The table of reports: key chatId and report, the message's number and who reports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item
    from chat.ports.users import Reported


class ReportsTable:
    """Serves `ports.Reports`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def add(self, reported: Reported) -> bool:
        """Keep a report, unless this user has reported this message before; whether it was kept."""
        message = reported.message
        item: Item = {
            "chatId": {"S": reported.chat_id},
            "report": {"S": f"{message.seq:016}#{reported.by}"},
            "reportedBy": {"S": reported.by},
            "reportedAt": {"S": reported.at},
            "reason": {"S": reported.reason},
            "note": {"S": reported.note},
            "messageSeq": {"N": str(message.seq)},
            "senderId": {"S": message.sender_id},
            "sentAt": {"S": message.sent_at},
            "text": {"S": message.text},
        }
        try:
            self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(chatId)"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
