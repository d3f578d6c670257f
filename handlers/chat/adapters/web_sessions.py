"""The table of browsers' sessions: key session; DynamoDB removes them some time after they expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.ports.web_sessions import WebSession

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class SessionsTable:
    """Serves `ports.WebSessions`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def add(self, session: WebSession) -> None:
        """Keep a new session."""
        self._client.put_item(
            TableName=self._table,
            Item={
                "session": {"S": session.id},
                "userId": {"S": session.user_id},
                "refreshToken": {"S": session.refresh_token},
                "generation": {"N": str(session.generation)},
                "renewedAt": {"N": str(session.renewed_at)},
                "expiresAt": {"N": str(session.expires_at)},
            },
        )

    def get(self, session_id: str) -> WebSession | None:
        """The session with this id."""
        response = self._client.get_item(
            TableName=self._table, Key={"session": {"S": session_id}}, ConsistentRead=True
        )
        item = response.get("Item")
        if item is None:
            return None
        return WebSession(
            item["session"]["S"],
            item["userId"]["S"],
            item["refreshToken"]["S"],
            int(item["generation"]["N"]),
            float(item["renewedAt"]["N"]),
            int(item["expiresAt"]["N"]),
        )

    def renew(self, session_id: str, generation: int, now: float) -> bool:
        """Move on from this generation to the next; False when the session has done so, or is gone."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"session": {"S": session_id}},
                UpdateExpression="SET generation = :next, renewedAt = :now",
                ConditionExpression="generation = :this",
                ExpressionAttributeValues={
                    ":this": {"N": str(generation)},
                    ":next": {"N": str(generation + 1)},
                    ":now": {"N": str(now)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def remove(self, session_id: str) -> None:
        """Forget the session, if it is there."""
        self._client.delete_item(TableName=self._table, Key={"session": {"S": session_id}})
