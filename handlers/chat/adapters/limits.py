"""The table of limits: an item a bucket, its theoretical arrival time; DynamoDB removes those long full."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient

MARGIN = 3_600
"""Seconds past its arrival time after which a bucket may be removed: clocks differ by less."""
_SECOND = 1_000_000


class LimitsTable:
    """Serves `ports.Buckets`, by GCRA in conditional updates."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def take(self, bucket: str, amount: int, now: int, capacity: int) -> int | None:
        """Take an amount out of a bucket that holds `capacity` when full, if there is as much in it.

        Most buckets are full, which the first update finds. Where it fails, it tells how full the bucket is.
        """
        arrival = self._update(bucket, amount, now, capacity, full=True)
        while arrival is not None and arrival + amount <= now + capacity:
            arrival = self._update(bucket, amount, now, capacity, full=arrival < now)
        return arrival

    def _update(self, bucket: str, amount: int, now: int, capacity: int, *, full: bool) -> int | None:
        """Take from a bucket that is full, or one that is not; its arrival time where it is not so."""
        if full:
            update = "SET arrival = :next, expiresAt = :expires"
            condition = "attribute_not_exists(arrival) OR arrival < :now"
            values = {":next": now + amount, ":now": now}
        else:
            update = "SET arrival = arrival + :amount, expiresAt = :expires"
            condition = "arrival BETWEEN :now AND :most"
            values = {":amount": amount, ":now": now, ":most": now + capacity - amount}
        values[":expires"] = (now + capacity) // _SECOND + MARGIN
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"bucket": {"S": bucket}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={name: {"N": str(value)} for name, value in values.items()},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as failed:
            found: Mapping[str, Any] = failed.response  # the stubs know nothing of the item in it
            return int(found["Item"]["arrival"]["N"]) if "Item" in found else 0
        return None
