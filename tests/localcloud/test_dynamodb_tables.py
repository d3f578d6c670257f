"""dynoxide's tables follow the control plane's definitions, in the real dynoxide."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.dynamodb import dynoxide
from localcloud.dynamodb.client import Client
from localcloud.dynamodb.definition import TableDefinition, parse
from localcloud.dynamodb.tables import CallError, Tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BINARY = dynoxide.find(None)
pytestmark = pytest.mark.skipif(BINARY is None, reason="no dynoxide: run `npm ci` in localstack/")

BY_NAME = {
    "IndexName": "ByName",
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}


def definition(table_id: str = "1", *indexes: dict[str, Any], ttl: str | None = None) -> TableDefinition:
    """The table ``things`` with a string key."""
    attributes = [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "name")[: 1 + bool(indexes)]
    ]
    table = {
        "TableId": table_id,
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": attributes,
        "GlobalSecondaryIndexes": list(indexes),
    }
    return parse(table, {"TimeToLiveStatus": "ENABLED", "AttributeName": ttl} if ttl else None)


@dataclass
class Definitions:
    """A control plane of one table or none."""

    things: TableDefinition | None = None
    asked: list[str] = field(default_factory=list)

    def table(self, name: str) -> TableDefinition | None:
        """The table."""
        return self.things if name == "things" else None

    def table_names(self) -> list[str]:
        """The table's name."""
        return ["things"] if self.things else []


@asynccontextmanager
async def database(file: Path) -> AsyncIterator[Client]:
    """A dynoxide on this file."""
    assert BINARY is not None
    async with dynoxide.running(BINARY, file) as child:
        client = Client(child.port)
        try:
            yield client
        finally:
            client.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A dynoxide of this test's own."""
    async with database(tmp_path / "tables.sqlite") as client:
        yield client


async def put(client: Client, key: str) -> None:
    """Put one item with a name."""
    item = {"pk": {"S": key}, "name": {"S": "n"}}
    await client.call("PutItem", {"TableName": "things", "Item": item})


async def keys(client: Client) -> list[str]:
    """The keys of all items."""
    items = (await client.call("Scan", {"TableName": "things"}))["Items"]
    return sorted(item["pk"]["S"] for item in items)


async def test_tables_new_definition_is_created_and_kept_while_equal(client: Client) -> None:
    """A table is made when first named, and an equal definition leaves its items alone."""
    definitions = Definitions(definition())
    tables = Tables(definitions, client.call)
    await tables.follow(["things"])
    await put(client, "a")
    definitions.things = definition()
    await tables.follow(["things"])
    assert await keys(client) == ["a"]


async def test_tables_another_id_starts_empty(client: Client) -> None:
    """A table deleted and made again under its name does not have the old items."""
    definitions = Definitions(definition("1"))
    tables = Tables(definitions, client.call)
    await tables.follow(["things"])
    await put(client, "a")
    definitions.things = definition("2")
    await tables.follow(["things"])
    assert await keys(client) == []


async def test_tables_deleted_is_gone(client: Client) -> None:
    """Reading a deleted table is ResourceNotFoundException."""
    definitions = Definitions(definition())
    tables = Tables(definitions, client.call)
    await tables.follow(["things"])
    definitions.things = None
    await tables.follow(["things"])
    with pytest.raises(CallError, match="not found"):
        await keys(client)


async def test_tables_index_added_finds_old_items_and_removed_is_gone(client: Client) -> None:
    """An index comes with the items that are there, and goes."""
    definitions = Definitions(definition())
    tables = Tables(definitions, client.call)
    await tables.follow(["things"])
    await put(client, "a")
    definitions.things = definition("1", BY_NAME)
    await tables.follow(["things"])
    query = {
        "TableName": "things",
        "IndexName": "ByName",
        "KeyConditionExpression": "#n = :n",
        "ExpressionAttributeNames": {"#n": "name"},
        "ExpressionAttributeValues": {":n": {"S": "n"}},
    }
    assert (await client.call("Query", query))["Count"] == 1
    definitions.things = definition()
    await tables.follow(["things"])
    with pytest.raises(CallError):
        await client.call("Query", query)
    assert await keys(client) == ["a"]


async def test_tables_time_to_live_follows(client: Client) -> None:
    """TTL is switched on, moved to another attribute, and off."""
    definitions = Definitions(definition())
    tables = Tables(definitions, client.call)
    seen = []
    for attribute in (None, "expiresAt", "endsAt", None):
        definitions.things = definition(ttl=attribute)
        await tables.follow(["things"])
        described = await client.call("DescribeTimeToLive", {"TableName": "things"})
        seen.append(described["TimeToLiveDescription"].get("AttributeName"))
    assert seen == [None, "expiresAt", "endsAt", None]


async def test_tables_loaded_after_restart_keep_items_and_drop_strangers(tmp_path: Path) -> None:
    """A new start recognizes its tables by their ids, with indexes and TTL, and drops what is not defined."""
    file = tmp_path / "tables.sqlite"
    definitions = Definitions(definition("1", BY_NAME, ttl="expiresAt"))
    async with database(file) as client:
        await Tables(definitions, client.call).follow(["things"])
        await put(client, "a")
        await client.call("CreateTable", replace(definition(), name="strangers").create_request())
    async with database(file) as client:
        await Tables(definitions, client.call).load()
        assert await keys(client) == ["a"]
        assert (await client.call("ListTables", {}))["TableNames"] == ["things"]


async def test_client_concurrent_calls_each_get_their_own_answer(client: Client) -> None:
    """Connections are not shared while in use."""
    import asyncio  # noqa: PLC0415 - this test alone

    await Tables(Definitions(definition()), client.call).follow(["things"])
    await asyncio.gather(*(put(client, f"{number:02d}") for number in range(20)))
    reads = [
        client.call("GetItem", {"TableName": "things", "Key": {"pk": {"S": f"{number:02d}"}}})
        for number in range(20)
    ]
    answers = await asyncio.gather(*reads)
    assert [answer["Item"]["pk"]["S"] for answer in answers] == [f"{number:02d}" for number in range(20)]
