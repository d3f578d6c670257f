"""Replicas of global tables: all that is written comes over, late, and of two writes the last one wins."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.dynamodb.replication import OPERATION, RegionalTables, Replication
from localcloud.dynamodb.tables import CallError
from localcloud.interfaces import Fault, FaultEffect, NoFaults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from localcloud.interfaces import FaultPoint

EAST, WEST = "us-east-1", "eu-west-1"
KEY = ("chatId", "seq")


@dataclass
class FakeDatabase:
    """A region's tables of messages, as far as replication calls them."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: int = 0
    """How many calls fail before one is answered."""

    async def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer as dynoxide does."""
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise CallError("dynoxide is away")
        match operation:
            case "GetItem":
                found = self.items.get(name_of(request["Key"]))
                return {"Item": found} if found else {}
            case "PutItem":
                self.items[name_of(request["Item"])] = request["Item"]
            case "DeleteItem":
                self.items.pop(name_of(request["Key"]), None)
            case "Scan":
                return {"Items": list(self.items.values())}
        return {}


@dataclass
class FakeTables:
    """Tables of one shape; those that are not made yet have no key."""

    made: bool = True
    on_made: Callable[[str], None] | None = None

    def key_names(self, _name: str) -> tuple[str, ...]:
        """The key of messages."""
        return KEY if self.made else ()

    async def follow(self, names: list[str]) -> None:
        """Make them."""
        if not self.made:
            self.made = True
            assert self.on_made is not None
            self.on_made(names[0])


@dataclass
class FakeDefinitions:
    """Every table has a replica in the other region."""

    other: str

    def replicas(self, _name: str) -> list[str]:
        """The other region."""
        return [self.other]


@dataclass
class FakeClock:
    """Time that only tests move."""

    at: float = 1_000.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.at


class Late:
    """A fault that has every item be a minute late."""

    armed = True

    def strike(self, point: FaultPoint) -> Fault:
        """The delay."""
        assert (point.service, point.operation, point.resource) == ("dynamodb", OPERATION, "messages")
        return Fault("late", FaultEffect.DELAY, delay_ms=60_000)


@dataclass
class World:
    """Two regions, their replication, and what is out of reach."""

    unreachable: set[str] = field(default_factory=set)
    clock: FakeClock = field(default_factory=FakeClock)
    faults: Any = field(default_factory=NoFaults)
    databases: dict[str, FakeDatabase] = field(default_factory=lambda: defaultdict(FakeDatabase))
    tables: dict[str, FakeTables] = field(default_factory=lambda: defaultdict(FakeTables))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Replication]:
        """Replicate as long as the block lasts."""
        replication = Replication(self.unreachable, self.clock, self.faults)
        for region, other in ((EAST, WEST), (WEST, EAST)):
            parts: Any = (FakeDefinitions(other), self.tables[region], self.databases[region])
            replication.add(region, RegionalTables(*parts))
        self.replication = replication
        replication.open()
        try:
            yield replication
        finally:
            await replication.close()

    def put(self, region: str, seq: int, text: str) -> None:
        """Write an item in a region, as its DynamoDB does, and tell of it."""
        item = {**key(seq), "body": {"S": text}}
        self.databases[region].items[name_of(item)] = item
        self.tell(region, "PutItem", {"TableName": "messages", "Item": item})

    def delete(self, region: str, seq: int) -> None:
        """Delete an item in a region, and tell of it."""
        self.databases[region].items.pop(name_of(key(seq)), None)
        self.tell(region, "DeleteItem", {"TableName": "messages", "Key": key(seq)})

    def tell(self, region: str, operation: str, request: dict[str, Any]) -> None:
        """Tell of an operation."""
        self.replication.written(region, operation, msgspec.json.encode(request))

    async def settled(self, region: str = EAST, other: str = WEST) -> None:
        """Wait until both have the same items."""
        async with asyncio.timeout(60):
            while self.databases[region].items != self.databases[other].items:  # noqa: ASYNC110 - a fake tells nobody
                await asyncio.sleep(0)


def key(seq: int) -> dict[str, Any]:
    """The key of a message."""
    return {"chatId": {"S": "c"}, "seq": {"N": str(seq)}}


def name_of(item: dict[str, Any]) -> str:
    """An item by its key."""
    return str(item["seq"]["N"])


async def test_item_that_is_written_comes_to_the_other_region_and_goes_from_it() -> None:
    """Both ways."""
    world = World()
    async with world.running():
        world.put(EAST, 1, "hi")
        await world.settled()
        world.put(WEST, 2, "ho")
        await world.settled()
        world.delete(EAST, 2)
        await world.settled()
    assert world.databases[WEST].items == {"1": {**key(1), "body": {"S": "hi"}}}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("UpdateItem", {"TableName": "messages", "Key": key(1)}),
        ("BatchWriteItem", {"RequestItems": {"messages": [{"PutRequest": {"Item": key(1)}}]}}),
        ("BatchWriteItem", {"RequestItems": {"messages": [{"DeleteRequest": {"Key": key(1)}}]}}),
        ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "messages", "Item": key(1)}}]}),
        ("TransactWriteItems", {"TransactItems": [{"Update": {"TableName": "messages", "Key": key(1)}}]}),
        ("TransactWriteItems", {"TransactItems": [{"Delete": {"TableName": "messages", "Key": key(1)}}]}),
    ],
)
async def test_operation_that_writes_sends_its_items_on_their_way(
    operation: str, request_: dict[str, Any]
) -> None:
    """However it names them."""
    world = World(unreachable={WEST})
    async with world.running() as replication:
        world.tell(EAST, operation, request_)
        assert replication.waiting == 1


async def test_operation_that_only_reads_or_checks_sends_nothing() -> None:
    """A condition is no write."""
    world = World(unreachable={WEST})
    check = {"ConditionCheck": {"TableName": "messages", "Key": key(1)}}
    async with world.running() as replication:
        world.tell(EAST, "TransactWriteItems", {"TransactItems": [check]})
        world.tell(EAST, "GetItem", {"TableName": "messages", "Key": key(1)})
        assert replication.waiting == 0


async def test_item_that_a_fault_delays_waits_for_its_time() -> None:
    """What a region took in its last moment is nowhere else: a change of home may lose it."""
    world = World(faults=Late())
    async with world.running() as replication:
        world.put(EAST, 1, "hi")
        for _ in range(100):
            await asyncio.sleep(0)
        assert (replication.waiting, world.databases[WEST].items) == (1, {})
        world.clock.at += 60
        await world.settled()


async def test_region_out_of_reach_gets_what_it_missed_once_it_is_back() -> None:
    """Nothing is dropped meanwhile."""
    world = World(unreachable={WEST})
    async with world.running() as replication:
        for seq in range(1, 50):
            world.put(EAST, seq, "hi")
        assert replication.waiting == 49
        world.unreachable.clear()
        await world.settled()


async def test_item_written_in_both_regions_is_the_last_ones_in_both() -> None:
    """East dies with a message that nobody else has, west gives its number to another: that one stays."""
    world = World()
    world.unreachable.add(EAST)
    async with world.running():
        world.put(EAST, 1, "acked, and lost with its region")
        world.put(EAST, 2, "acked, and found again")
        world.put(WEST, 1, "acked by the new home")
        world.unreachable.clear()
        await world.settled()
    bodies = {name: item["body"]["S"] for name, item in world.databases[EAST].items.items()}
    assert bodies == {"1": "acked by the new home", "2": "acked, and found again"}


async def test_replica_that_is_made_later_gets_what_there_is() -> None:
    """A region that is added to a table with items."""
    world = World()
    world.tables[WEST] = FakeTables(made=False, on_made=lambda name: world.replication.made(WEST, name))
    for seq in range(1, 5):
        world.databases[EAST].items[str(seq)] = {**key(seq), "body": {"S": "old"}}
    async with world.running():
        world.put(EAST, 5, "new")
        await world.settled()
    assert len(world.databases[WEST].items) == 5


async def test_item_that_cannot_be_written_is_tried_again() -> None:
    """What answers for the tables is started again when it ends."""
    world = World()
    world.databases[WEST].failures = 2
    async with world.running():
        world.put(EAST, 1, "hi")
        async with asyncio.timeout(60):
            while not world.databases[WEST].items:
                world.clock.at += 1
                await asyncio.sleep(0.01)


WRITES = st.lists(
    st.tuples(st.sampled_from([EAST, WEST]), st.integers(1, 3), st.booleans()),
    max_size=30,
)


@given(writes=WRITES)
def test_regions_agree_whatever_is_written_where_while_they_are_apart(
    writes: list[tuple[str, int, bool]],
) -> None:
    """Once both can be reached again and all has come over, and on what was written last."""

    async def run() -> None:
        world = World(unreachable={EAST, WEST})
        last: dict[str, str | None] = {}
        async with world.running():
            for turn, (region, seq, is_put) in enumerate(writes):
                if is_put:
                    world.put(region, seq, str(turn))
                else:
                    world.delete(region, seq)
                last[str(seq)] = str(turn) if is_put else None
            world.unreachable.clear()
            await world.settled()
        bodies = {name: item["body"]["S"] for name, item in world.databases[EAST].items.items()}
        assert bodies == {name: text for name, text in last.items() if text is not None}

    asyncio.run(run())
