"""The members of a chat, however many: the items MEMBER#userId of the table of chats, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.ports import MemberPage

if TYPE_CHECKING:
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient


class MembersTable:
    """Serves `ports.Members`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of chats with this name."""
        self._client = client
        self._table = table

    def page(self, chat_id: str, after: str | None, limit: int) -> MemberPage:
        """Up to `limit` of a chat's members, whose user ids follow `after`, by these ids."""
        start: Any = {}
        if after is not None:
            start = {"ExclusiveStartKey": {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{after}"}}}
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="chatId = :chat AND begins_with(sk, :member)",
            ExpressionAttributeValues={":chat": {"S": chat_id}, ":member": {"S": "MEMBER#"}},
            ProjectionExpression="userId",
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = response.get("LastEvaluatedKey")
        return MemberPage(
            [item["userId"]["S"] for item in response["Items"]],
            last["sk"]["S"].removeprefix("MEMBER#") if last else None,
        )
