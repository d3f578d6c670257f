"""The table of connections: an item a user, in it an attribute a connection, named by the connection's id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get
from chat.domain import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item


class ConnectionsTable:
    """Serves `ports.Connections`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def add(self, connection: Connection, keep_until: int) -> Sequence[Connection] | None:
        """Register a connection, and give all of the user's; None when its token is signed out."""
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key={"userId": {"S": connection.user_id}},
                UpdateExpression="SET #connection = :connection, expiresAt = :expires",
                ConditionExpression="attribute_not_exists(signedOutAt) OR signedOutAt < :issued",
                ExpressionAttributeNames={"#connection": connection.id},
                ExpressionAttributeValues={
                    ":connection": _entry(connection),
                    ":expires": {"N": str(keep_until)},
                    ":issued": {"N": str(connection.token_issued_at)},
                },
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return _connections(response["Attributes"])

    def sign_out(self, user_id: str, at: int, keep_until: int) -> Sequence[Connection]:
        """Take no connection of a token issued up to `at`; give those that there are, which are kept."""
        response = self._client.update_item(
            TableName=self._table,
            Key={"userId": {"S": user_id}},
            UpdateExpression="SET signedOutAt = :at, expiresAt = :expires",
            ExpressionAttributeValues={":at": {"N": str(at)}, ":expires": {"N": str(keep_until)}},
            ReturnValues="ALL_NEW",
        )
        return _connections(response["Attributes"])

    def remove(self, user_id: str, connection_ids: Sequence[str]) -> Sequence[Connection]:
        """Forget these connections of the user and no other, and give all that the user had until now."""
        names = {f"#c{number}": connection_id for number, connection_id in enumerate(connection_ids)}
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key={"userId": {"S": user_id}},
                UpdateExpression=f"REMOVE {', '.join(names)}",
                # Without this the update would create an item, which nothing removes.
                ConditionExpression="attribute_exists(userId)",
                ExpressionAttributeNames=names,
                ReturnValues="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return ()
        return _connections(response["Attributes"])

    def of_users(self, user_ids: Sequence[str]) -> Sequence[Connection]:
        """All connections of the users (at most 100), in one strongly consistent read."""
        keys = [{"userId": {"S": user_id}} for user_id in user_ids]
        found = batch_get(self._client, {self._table: {"Keys": keys, "ConsistentRead": True}})
        return [connection for item in found[self._table] for connection in _connections(item)]


def _entry(connection: Connection) -> Item:
    return {
        "M": {
            "connectedAt": {"N": str(connection.connected_at)},
            "endpoint": {"S": connection.endpoint},
            "region": {"S": connection.region},
            "expiresAt": {"N": str(connection.expires_at)},
        }
    }


def _connections(item: Item) -> list[Connection]:
    """Every attribute that is a map is a connection."""
    return [
        Connection(
            user_id=item["userId"]["S"],
            id=name,
            endpoint=value["M"]["endpoint"]["S"],
            region=value["M"]["region"]["S"],
            connected_at=int(value["M"]["connectedAt"]["N"]),
            expires_at=int(value["M"]["expiresAt"]["N"]),
        )
        for name, value in item.items()
        if "M" in value
    ]
