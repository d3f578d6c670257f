"""Throttles provisioned tables: lets requests in while there is capacity, and counts what they consume.

Tables on demand are never asked about here. What is provisioned is looked up once a second, since
CloudFormation changes it without any request that could be watched.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from localcloud.dynamodb.answers import throttled
from localcloud.dynamodb.capacity import Capacity, Kind, Meter, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from localcloud.interfaces import Clock, Response
    from localcloud.observations import Consumed

LOOK_SECONDS: Final = 1.0
_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_FAILED_WRITE: Final = 1.0
"""Units that a write on a false condition consumes at least."""
_FALSE_CONDITIONS: Final = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})


class Provisioned(Protocol):
    """The control plane's provisioned tables."""

    def capacities(self) -> Mapping[Place, Capacity]:
        """What is provisioned for tables and indexes; nothing for those on demand."""

    def provision(self, place: Place, units: int) -> None:
        """Have auto scaling change a capacity."""


class _Indexed(msgspec.Struct):
    IndexName: str = ""


_indexed = msgspec.json.Decoder(_Indexed)


class Throttle:
    """The meters of one region's provisioned tables."""

    def __init__(self, provisioned: Provisioned, clock: Clock) -> None:
        """Follow what is ``provisioned``."""
        self._provisioned = provisioned
        self._clock = clock
        self._meters: dict[Place, Meter] = {}
        self._tables: frozenset[str] = frozenset()
        """The provisioned ones; usually none, and then a request costs nothing here."""
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look."""
        self.look()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def look(self) -> None:
        """Learn what is provisioned, and let auto scaling do what is due."""
        now, capacities = self._clock.now(), self._provisioned.capacities()
        meters: dict[Place, Meter] = {}
        for place, capacity in capacities.items():
            meter = self._meters.get(place) or Meter(capacity, now)
            meter.provide(capacity, now)
            scaled = meter.scaled(now)
            if scaled != capacity:
                self._provisioned.provision(place, scaled.units)
                meter.provide(scaled, now)
            meters[place] = meter
        self._meters = meters
        self._tables = frozenset(place.table for place in meters)

    def limits(self, tables: Sequence[str]) -> bool:
        """Whether any of these tables is provisioned."""
        return bool(self._tables) and not self._tables.isdisjoint(tables)

    def refuse(self, operation: str, tables: Sequence[str], body: bytes) -> Response | None:
        """The answer to a request for whose tables nothing is left; None lets it in."""
        if not self.limits(tables):
            return None
        kind: Kind = "Read" if operation in _READS else "Write"
        index = _index(body) if kind == "Read" else ""
        now = self._clock.now()
        if all(meter.has_some(now) for meter in self._touched(tables, kind, index)):
            return None
        return throttled()

    def take(self, operation: str, tables: Sequence[str], consumed: Sequence[Consumed], error: str) -> None:
        """Take what a request that was let in consumed; ``error`` is DynamoDB's code, empty for none."""
        if not self.limits(tables):
            return
        kind: Kind = "Read" if operation in _READS else "Write"
        for each in consumed:
            self._take(Place(each.table, each.index, kind), each.units)
        if error in _FALSE_CONDITIONS:
            for table in tables:
                self._take(Place(table, "", "Write"), _FAILED_WRITE)

    def _take(self, place: Place, units: float) -> None:
        if meter := self._meters.get(place):
            meter.take(units)

    def _touched(self, tables: Sequence[str], kind: Kind, index: str) -> Iterator[Meter]:
        """What a request may consume of: a write of the indexes, too; a read of its index alone."""
        for place, meter in self._meters.items():
            if place.table in tables and place.kind == kind and (kind == "Write" or place.index == index):
                yield meter

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()


def _index(body: bytes) -> str:
    """The index that a read names; empty where it reads the table."""
    try:
        return _indexed.decode(body).IndexName
    except msgspec.DecodeError:  # dynoxide words the complaint
        return ""
