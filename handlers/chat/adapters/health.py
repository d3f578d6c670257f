"""Whether the tables of the home region can be reached from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.rosters import meta_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class HomeTables:
    """The tables that all regions write, of which one is asked for the others."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Ask the table with this name."""
        self._client = client
        self._table = table

    def check(self) -> None:
        """Read an item that is not there; raises what the client raises where that is not answered."""
        self._client.get_item(TableName=self._table, Key=meta_key("health"))
