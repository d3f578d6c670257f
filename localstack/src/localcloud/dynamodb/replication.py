"""Brings what is written in one region to the table's replicas in others, as DynamoDB's global tables do.

They do it later and item by item, and of two writes of one item in two regions the last wins
(multi-Region eventual consistency). A fault that delays ``Replicate`` makes it later still. What waits is in
memory: where localcloud is killed it is forgotten, and the replicas differ until the items are written anew.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from localcloud.dynamodb.tables import CallError
from localcloud.interfaces import FaultPoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from localcloud.dynamodb.client import Client
    from localcloud.dynamodb.tables import Tables
    from localcloud.interfaces import Clock, Faults

logger = logging.getLogger(__name__)

OPERATION: Final = "Replicate"
"""The point of faults that an item passes on its way."""
_AT_ONCE = 16
_RETRY_SECONDS = 0.05
_WRITES = frozenset({"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"})


class Replicas(Protocol):
    """The control plane's global tables."""

    def replicas(self, name: str) -> Collection[str]:
        """The other regions that have a replica of a table of this one."""


class Route(NamedTuple):
    """From which region to which."""

    source: str
    target: str


class Item(NamedTuple):
    """An item by its key, which is JSON, its attributes in the order of their names."""

    table: str
    key: bytes


@dataclass(frozen=True, slots=True)
class RegionalTables:
    """The tables of one region."""

    definitions: Replicas
    tables: Tables
    client: Client


class Replication:
    """The items on their way between regions."""

    def __init__(self, unreachable: Collection[str], clock: Clock, faults: Faults) -> None:
        """Wait with what comes from or goes to a region as long as it is ``unreachable``."""
        self._unreachable = unreachable
        self._clock = clock
        self._faults = faults
        self._regions: dict[str, RegionalTables] = {}
        self._waiting: dict[Route, dict[Item, float]] = {}
        """When each is due, in seconds since the epoch."""
        self._to_copy: list[tuple[Route, str]] = []
        """Tables that were made where there are replicas with items."""
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, region: str, tables: RegionalTables) -> None:
        """Replicate from and to a region's tables, too."""
        self._regions[region] = tables

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """How many items are on their way."""
        return sum(len(items) for items in self._waiting.values())

    def written(self, region: str, operation: str, body: bytes) -> None:
        """Take note that a region's DynamoDB has carried out an operation with this input."""
        if operation not in _WRITES:
            return
        for table, attributes in _written(operation, msgspec.json.decode(body)):
            self._send(region, table, attributes)

    def made(self, region: str, table: str) -> None:
        """Take note that a region's table has just been made: it gets what its replicas hold."""
        for source in self._regions[region].definitions.replicas(table):
            if source in self._regions and self._regions[source].tables.key_names(table):
                self._to_copy.append((Route(source, region), table))
                self._news.set()

    def _send(self, region: str, table: str, attributes: dict[str, Any]) -> None:
        targets = [
            name for name in self._regions[region].definitions.replicas(table) if name in self._regions
        ]
        if not targets:
            return
        item = self._item(region, table, attributes)
        due = self._clock.now() + self._lag(table)
        for target in targets:
            # What the other region wrote before, and could not tell yet, has lost against this.
            self._waiting.get(Route(target, region), {}).pop(item, None)
            self._waiting.setdefault(Route(region, target), {}).setdefault(item, due)
        self._news.set()

    def _item(self, region: str, table: str, attributes: dict[str, Any]) -> Item:
        names = sorted(self._regions[region].tables.key_names(table))
        return Item(table, msgspec.json.encode({name: attributes[name] for name in names}))

    async def _copy(self, route: Route, table: str) -> None:
        """Have every item of a table brought to a replica that is new."""
        request: dict[str, Any] = {"TableName": table}
        while True:
            page = await self._regions[route.source].client.call("Scan", request)
            for attributes in page["Items"]:
                item = self._item(route.source, table, attributes)
                self._waiting.setdefault(route, {}).setdefault(item, 0.0)
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _lag(self, table: str) -> float:
        """How many seconds late a fault has an item be."""
        if not self._faults.armed:
            return 0.0
        fault = self._faults.strike(FaultPoint("dynamodb", OPERATION, table))
        return fault.delay_ms / 1_000 if fault else 0.0

    async def _run(self) -> None:
        while True:
            self._news.clear()
            while self._to_copy:
                await self._copy(*self._to_copy.pop())
            due = list(islice(self._due(), _AT_ONCE))
            if due:
                # No item is twice among them, so none overtakes itself.
                await asyncio.gather(*(self._bring(route, item) for route, item in due))
            else:
                await self._look_again()

    async def _look_again(self) -> None:
        """Wait for news; while something waits for its time or for a region, only for a moment."""
        try:
            async with asyncio.timeout(_RETRY_SECONDS if self.waiting else None):
                await self._news.wait()
        except TimeoutError:
            return

    def _due(self) -> Iterator[tuple[Route, Item]]:
        now = self._clock.now()
        for route, items in self._waiting.items():
            if not self._unreachable or not set(route) & set(self._unreachable):
                yield from ((route, item) for item, at in items.items() if at <= now)

    async def _bring(self, route: Route, item: Item) -> None:
        """Bring an item as it is now; a write that comes meanwhile is brought by itself."""
        source, target = (self._regions[region] for region in route)
        waiting = self._waiting[route]
        waiting.pop(item, None)
        key = {"TableName": item.table, "Key": msgspec.json.decode(item.key)}
        try:
            found = await source.client.call("GetItem", {**key, "ConsistentRead": True})
            await target.tables.follow([item.table])
            if "Item" in found:
                await target.client.call("PutItem", {"TableName": item.table, "Item": found["Item"]})
            else:
                await target.client.call("DeleteItem", key)
        except (CallError, ConnectionError) as fault:
            if target.tables.key_names(item.table) and source.tables.key_names(item.table):
                waiting.setdefault(item, self._clock.now() + _RETRY_SECONDS)
                logger.warning(
                    "An item of %s is not replicated to %s yet: %s", item.table, route.target, fault
                )


def _written(operation: str, request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The items that an operation may have written: each one's table, and attributes that have its key."""
    match operation:
        case "BatchWriteItem":
            for table, writes in request["RequestItems"].items():
                for write in writes:
                    put, deleted = write.get("PutRequest"), write.get("DeleteRequest")
                    yield table, put["Item"] if put else deleted["Key"]
        case "TransactWriteItems":
            for write in request["TransactItems"]:
                for kind in write.keys() & {"Delete", "Put", "Update"}:
                    yield write[kind]["TableName"], write[kind].get("Item") or write[kind]["Key"]
        case _:
            yield request["TableName"], request.get("Item") or request["Key"]
