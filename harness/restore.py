"""Brings back items from a table that was restored beside the stack's own, which stays the stack's.

DynamoDB restores a point in time into a new table. A stack's table cannot be swapped for it without a gap,
and need not be: what was lost is written back, while people go on writing what is newer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutItemInputTypeDef

    Item = Mapping[str, AttributeValueTypeDef]

_SEGMENTS: Final = 8
"""Parts of a table that are read and written at once."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    read: int
    """Items of the restored table."""
    written: int
    """Those of them that were written."""


def restore(dynamodb: DynamoDBClient, source: str, table: str, *, overwrite: bool) -> Restored:
    """Write the items of a restored table into the stack's.

    Args:
        dynamodb: DynamoDB's API.
        source: the restored table's name.
        table: the name of the table to write to.
        overwrite: whether to write over items that are there, too; else only what is missing is written, and
            what was written since stays.

    Raises:
        HarnessError: the tables have different keys.
    """
    keys = _keys(dynamodb, table)
    if _keys(dynamodb, source) != keys:
        raise HarnessError(f"{source} is no copy of {table}: their keys differ.")

    def segment(number: int) -> Restored:
        read = written = 0
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=source, Segment=number, TotalSegments=_SEGMENTS, ConsistentRead=True
        )
        for item in (item for page in pages for item in page["Items"]):
            read += 1
            written += _write(dynamodb, table, item, None if overwrite else keys[0])
        return Restored(read, written)

    with ThreadPoolExecutor(_SEGMENTS) as pool:
        parts = list(pool.map(segment, range(_SEGMENTS)))
    return Restored(sum(part.read for part in parts), sum(part.written for part in parts))


def _write(dynamodb: DynamoDBClient, table: str, item: Item, unless_there: str | None) -> bool:
    """Write an item; whether it was written. With a key's name, only where there is no item yet."""
    put: PutItemInputTypeDef = {"TableName": table, "Item": item}
    if unless_there is not None:
        put["ConditionExpression"] = "attribute_not_exists(#key)"
        put["ExpressionAttributeNames"] = {"#key": unless_there}
    try:
        dynamodb.put_item(**put)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _keys(dynamodb: DynamoDBClient, table: str) -> Sequence[str]:
    """The names of a table's keys, the hash key first."""
    schema = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    return [key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"])]
