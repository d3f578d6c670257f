"""The members of a chat, however many: the items MEMBER#userId of the table of chats, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get
from chat.adapters.rosters import member_key, read_standing
from chat.ports.chats import MemberPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient

    from chat.ports.chats import Standing


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

    def standings(self, chat_id: str, user_ids: Sequence[str]) -> Mapping[str, Standing]:
        """What the chat is to those of the users (at most 100) who are members, by user id."""
        keys = [member_key(chat_id, user_id) for user_id in user_ids]
        found = batch_get(self._client, {self._table: {"Keys": keys, "ConsistentRead": True}})
        return {item["userId"]["S"]: read_standing(item) for item in found[self._table]}
