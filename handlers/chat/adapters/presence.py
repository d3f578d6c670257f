"""When users were last online, and whether others were told that they are: with their profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item


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

    def come(self, user_id: str) -> bool:
        """Take note that a user is there; False when that was so, or the user has no profile any more."""
        was = self._exchange(user_id, "SET toldOnline = :online", {":online": {"BOOL": True}})
        return was is not None and was.get("toldOnline") != {"BOOL": True}

    def leave(self, user_id: str, at: str) -> bool:
        """Take note of when a user was last there; False when they were away, or have no profile any more."""
        values: Item = {":online": {"BOOL": False}, ":at": {"S": at}}
        was = self._exchange(user_id, "SET toldOnline = :online, lastSeen = :at", values)
        return was is not None and was.get("toldOnline") != {"BOOL": False}

    def _exchange(self, user_id: str, update: str, values: Item) -> Item | None:
        """Update a profile, and give what stood in place of what was set; None where there is no profile."""
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key={"userId": {"S": user_id}},
                UpdateExpression=update,
                ConditionExpression="attribute_exists(userId)",
                ExpressionAttributeValues=values,
                ReturnValues="UPDATED_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        was: Item = dict(response.get("Attributes", {}))
        return was
