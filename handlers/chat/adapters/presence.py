"""When users were last online: an attribute of their items in the table of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_boto3_dynamodb import DynamoDBClient


class LastSeenTable:
    """Serves `ports.LastSeen`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of users with this name."""
        self._client = client
        self._table = table

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """When those of the users (at most 100) who ever left were last online, by user id."""
        request = {
            "Keys": [{"userId": {"S": user_id}} for user_id in user_ids],
            "ProjectionExpression": "userId, lastSeen",
        }
        found = batch_get(self._client, {self._table: request})[self._table]
        return {item["userId"]["S"]: item["lastSeen"]["S"] for item in found if "lastSeen" in item}

    def leave(self, user_id: str, at: str) -> None:
        """Write when a user was last online; one who has no profile any more is passed over."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"userId": {"S": user_id}},
                UpdateExpression="SET lastSeen = :at",
                ConditionExpression="attribute_exists(userId)",
                ExpressionAttributeValues={":at": {"S": at}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
