"""The table of tickets: key ticket, the digest of one; DynamoDB removes them some time after they expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import Identity

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class TicketsTable:
    """Serves `ports.Tickets`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def add(self, digest: str, identity: Identity, expires_at: int) -> None:
        """Write a ticket that is good until `expires_at`, in seconds since the epoch."""
        self._client.put_item(
            TableName=self._table,
            Item={
                "ticket": {"S": digest},
                "userId": {"S": identity.user_id},
                "username": {"S": identity.username},
                "tokenExpiresAt": {"N": str(identity.expires_at)},
                "tokenIssuedAt": {"N": str(identity.issued_at)},
                "expiresAt": {"N": str(expires_at)},
            },
        )

    def spend(self, digest: str, connection_id: str) -> tuple[Identity, int] | None:
        """Spend a ticket on a connection and give what it stands for and when it expires.

        None when there is none, or another connection has spent it. Repeating it is harmless: the client
        sends an update again whose answer got lost, and finds the ticket spent by its own first attempt.
        """
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key={"ticket": {"S": digest}},
                UpdateExpression="SET spentBy = :connection",
                ConditionExpression="attribute_exists(ticket)"
                " AND (attribute_not_exists(spentBy) OR spentBy = :connection)",
                ExpressionAttributeValues={":connection": {"S": connection_id}},
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        item = response["Attributes"]
        identity = Identity(
            item["userId"]["S"],
            item["username"]["S"],
            int(item["tokenExpiresAt"]["N"]),
            int(item["tokenIssuedAt"]["N"]),
        )
        return identity, int(item["expiresAt"]["N"])
