"""Exports: what was asked for, beside the user's profile, and the archives, in a bucket of their own."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from chat.ports.accounts import ExportState

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client


class ExportsTable:
    """Serves `ports.Exports`, in the table of users."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of users with this name."""
        self._client = client
        self._table = table

    def request(self, user_id: str, requested_at: str) -> None:
        """Write down that the user asked for an archive."""
        self._set(user_id, "exportRequestedAt", requested_at)

    def finish(self, user_id: str, requested_at: str) -> None:
        """Write down that the archive asked for at this time is there."""
        self._set(user_id, "exportReadyFor", requested_at)

    def get(self, user_id: str) -> ExportState | None:
        """What the user last asked for; None when nothing."""
        response = self._client.get_item(
            TableName=self._table,
            Key={"userId": {"S": user_id}},
            ConsistentRead=True,
            ProjectionExpression="exportRequestedAt, exportReadyFor",
        )
        item = response.get("Item", {})
        if "exportRequestedAt" not in item:
            return None
        requested_at = item["exportRequestedAt"]["S"]
        return ExportState(requested_at, item.get("exportReadyFor", {}).get("S") == requested_at)

    def _set(self, user_id: str, attribute: str, value: str) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"userId": {"S": user_id}},
                UpdateExpression="SET #attribute = :value",
                ConditionExpression="attribute_exists(username)",
                ExpressionAttributeNames={"#attribute": attribute},
                ExpressionAttributeValues={":value": {"S": value}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # the account has been deleted meanwhile


class ArchivesBucket:
    """Serves `ports.Archives`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        """Use the bucket with this name."""
        self._client = client
        self._bucket = bucket

    def put(self, user_id: str, archive: IO[bytes]) -> None:
        """Keep a user's archive, in place of an earlier one."""
        self._client.put_object(
            Bucket=self._bucket, Key=_key(user_id), Body=archive, ContentType="application/json"
        )

    def remove(self, user_id: str) -> None:
        """Remove a user's archive, if there is one."""
        self._client.delete_object(Bucket=self._bucket, Key=_key(user_id))

    def link(self, user_id: str, seconds: int) -> str:
        """Make a link to the user's archive that works for so long."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": _key(user_id),
                "ResponseContentDisposition": 'attachment; filename="parley.json"',
            },
            ExpiresIn=seconds,
        )


def _key(user_id: str) -> str:
    return f"exports/{user_id}.json"
