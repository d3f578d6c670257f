"""Whether a region can serve: a status, of the answer of the tables that all regions write."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from chat.adapters.health import HomeTables
from chat.health import health_check

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EVENT = {"routeKey": "GET /health", "requestContext": {"requestId": "r1"}}


class _Tables:
    """A DynamoDB that answers or does not."""

    def __init__(self, fault: Exception | None = None) -> None:
        self._fault = fault
        self.read: list[object] = []

    def get_item(self, **request: object) -> dict[str, object]:
        self.read.append(request)
        if self._fault:
            raise self._fault
        return {}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (None, 200),
        (ConnectionError("no route to the home region"), 503),
        (PermissionError("AccessDeniedException: fenced"), 503),
    ],
)
def test_region_is_healthy_as_long_as_the_tables_answer(fault: Exception | None, status: int) -> None:
    """A region that cannot reach them, or must not, is given nobody; the item says nothing of anybody."""
    tables = _Tables(fault)
    handler = health_check("GET /health", HomeTables(cast("DynamoDBClient", tables), "chats").check)
    answer = handler(EVENT, None)
    assert answer == {"statusCode": status, "headers": {"cache-control": "no-store"}}
    assert tables.read == [{"TableName": "chats", "Key": {"chatId": {"S": "health"}, "sk": {"S": "META"}}}]
