"""Lists of a user's own, in the table of chats: a partition each, sorted by what is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item


class ListPage(NamedTuple):
    """One page of a list."""

    listed: Sequence[str]
    next: str | None
    """After what the next page begins; None on the last."""


def listed_key(name: str, user_id: str, listed: str) -> Item:
    """The key of what is in a user's list of this name; its partition is no chat's id."""
    return {"chatId": {"S": f"{name}:{user_id}"}, "sk": {"S": listed}}


class UserLists:
    """All users' lists of one name."""

    def __init__(self, client: DynamoDBClient, table: str, name: str) -> None:
        """Use the table of chats with this name."""
        self._client = client
        self._table = table
        self._name = name

    def page(self, user_id: str, after: str | None, limit: int) -> ListPage:
        """Up to `limit` of what is in the user's list, from the first that follows `after`."""
        start: Any = {} if after is None else {"ExclusiveStartKey": listed_key(self._name, user_id, after)}
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="chatId = :list",
            ExpressionAttributeValues={":list": listed_key(self._name, user_id, "")["chatId"]},
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = response.get("LastEvaluatedKey")
        return ListPage([item["sk"]["S"] for item in response["Items"]], last["sk"]["S"] if last else None)
