"""What a restore writes: what is missing, or all of it; and only from a table of the same keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.errors import HarnessError
from harness.restore import Restored, restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_dynamodb import DynamoDBClient

Rows = dict[str, dict[str, Any]]


@dataclass
class FakeDynamoDB:
    """Tables of items by their hash key."""

    tables: dict[str, Rows]
    other_keys: str = ""
    """A table with another key."""

    class exceptions:  # noqa: N801 - as botocore's clients have it
        """The client's errors."""

        class ConditionalCheckFailedException(Exception):  # noqa: N818
            """The condition does not hold."""

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        """Give a table's keys."""
        name = "other" if TableName == self.other_keys else "id"
        return {"Table": {"KeySchema": [{"AttributeName": name, "KeyType": "HASH"}]}}

    def get_paginator(self, operation: str) -> FakeDynamoDB:
        """Give the pages of a scan."""
        assert operation == "scan"
        return self

    def paginate(
        self,
        TableName: str,  # noqa: N803
        Segment: int,  # noqa: N803
        TotalSegments: int,  # noqa: N803
        ConsistentRead: bool,  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        """Give a segment, an item a page."""
        assert ConsistentRead
        for number, item in enumerate(self.tables[TableName].values()):
            if number % TotalSegments == Segment:
                yield {"Items": [item]}

    def put_item(self, TableName: str, Item: dict[str, Any], **condition: Any) -> None:  # noqa: N803
        """Write an item, unless it is there and must not be."""
        table, key = self.tables[TableName], Item["id"]["S"]
        if condition and key in table:
            raise self.exceptions.ConditionalCheckFailedException
        table[key] = Item


def _rows(**values: str) -> Rows:
    return {key: {"id": {"S": key}, "value": {"S": value}} for key, value in values.items()}


def _restore(tables: dict[str, Rows], other_keys: str = "", *, overwrite: bool = False) -> Restored:
    client = cast("DynamoDBClient", FakeDynamoDB(tables, other_keys))
    return restore(client, "restored", "chats", overwrite=overwrite)


def test_restore_writes_what_is_missing_and_leaves_what_is_there() -> None:
    """What was changed since stays as it is now."""
    tables = {"restored": _rows(a="old", b="old", c="old"), "chats": _rows(b="new", d="new")}
    assert _restore(tables) == Restored(read=3, written=2)
    assert tables["chats"] == _rows(b="new", d="new", a="old", c="old")


def test_restore_told_to_overwrite_writes_all() -> None:
    """For items that were garbled rather than lost; what only the present has stays."""
    tables = {"restored": _rows(a="old", b="old"), "chats": _rows(b="garbled", d="new")}
    assert _restore(tables, overwrite=True) == Restored(read=2, written=2)
    assert tables["chats"] == _rows(b="old", d="new", a="old")


def test_restore_from_another_kind_of_table_is_refused() -> None:
    """A slip of the name must not fill messages with chats."""
    with pytest.raises(HarnessError, match="no copy of chats"):
        _restore({"restored": {}, "chats": {}}, other_keys="restored")
