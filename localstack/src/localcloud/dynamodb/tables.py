"""dynoxide's tables follow the control plane's: made, given their indexes, and deleted as those are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from localcloud.dynamodb.definition import TableDefinition, parse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    Call = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
    """One control operation of dynoxide: its name and input to its output; CallError when refused."""


class Definitions(Protocol):
    """The control plane's tables."""

    def table(self, name: str) -> TableDefinition | None:
        """A table's definition, or None when there is no such table."""

    def table_names(self) -> list[str]:
        """The names of all tables."""


class CallError(Exception):
    """dynoxide refused a control operation."""


class Tables:
    """Brings dynoxide's tables in line with the control plane's, just before a request needs them.

    CloudFormation changes tables without any request that could be watched, so each data request compares the
    definitions of the tables that it names, which costs microseconds while nothing has changed.
    """

    def __init__(
        self, definitions: Definitions, call: Call, made: Callable[[str], None] | None = None
    ) -> None:
        """Follow ``definitions``, by ``call``; tell ``made`` the name of each table that is made."""
        self._definitions = definitions
        self._call = call
        self._made = made
        self._stored: dict[str, TableDefinition] = {}
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Learn which tables dynoxide kept from earlier, and drop those that the control plane has not."""
        for name in (await self._call("ListTables", {}))["TableNames"]:
            self._stored[name] = await self._describe(name)
        await self.follow([*self._stored, *self._definitions.table_names()])

    async def follow_all(self) -> None:
        """Bring every table in line."""
        await self.follow(self._definitions.table_names())

    async def follow(self, names: Iterable[str]) -> None:
        """Bring these tables in line.

        Raises:
            CallError: dynoxide refuses a definition.
        """
        for name in names:
            if self._definitions.table(name) != self._stored.get(name):
                async with self._lock:
                    await self._change(name)

    def key_names(self, name: str) -> Sequence[str]:
        """The attributes of a table's key; none where dynoxide has no such table."""
        stored = self._stored.get(name)
        return stored.key_names() if stored else ()

    async def _change(self, name: str) -> None:
        wanted, stored = self._definitions.table(name), self._stored.get(name)
        if wanted == stored:
            return
        if stored is not None and (wanted is None or not wanted.may_keep_items_of(stored)):
            await self._call("DeleteTable", {"TableName": name})
            del self._stored[name]
            stored = None
        if wanted is None:
            return
        if stored is None:
            await self._call("CreateTable", wanted.create_request())
        else:
            await self._change_indexes(wanted, stored)
        await self._change_ttl(wanted, stored)
        self._stored[name] = wanted
        if stored is None and self._made is not None:
            self._made(name)

    async def _change_indexes(self, wanted: TableDefinition, stored: TableDefinition) -> None:
        for index, definition in stored.indexes:
            if (index, definition) not in wanted.indexes:
                await self._update_index(wanted, {"Delete": {"IndexName": index}})
        for index, definition in wanted.indexes:
            if (index, definition) not in stored.indexes:
                await self._update_index(wanted, {"Create": msgspec.json.decode(definition)})

    async def _update_index(self, wanted: TableDefinition, update: dict[str, Any]) -> None:
        request = {
            "TableName": wanted.name,
            "AttributeDefinitions": msgspec.json.decode(wanted.attributes),
            "GlobalSecondaryIndexUpdates": [update],
        }
        await self._call("UpdateTable", request)

    async def _change_ttl(self, wanted: TableDefinition, stored: TableDefinition | None) -> None:
        before = stored.ttl_attribute if stored else None
        if before == wanted.ttl_attribute:
            return
        for attribute, enabled in ((before, False), (wanted.ttl_attribute, True)):
            if attribute is not None:
                specification = {"AttributeName": attribute, "Enabled": enabled}
                await self._call(
                    "UpdateTimeToLive", {"TableName": wanted.name, "TimeToLiveSpecification": specification}
                )

    async def _describe(self, name: str) -> TableDefinition:
        table = (await self._call("DescribeTable", {"TableName": name}))["Table"]
        tags = (await self._call("ListTagsOfResource", {"ResourceArn": table["TableArn"]})).get("Tags", [])
        ttl = await self._call("DescribeTimeToLive", {"TableName": name})
        # dynoxide gives a table an id of its own; the control plane's is kept in a tag.
        table["TableId"] = next((tag["Value"] for tag in tags if tag["Key"] == "TableId"), "")
        return parse(table, ttl["TimeToLiveDescription"])
