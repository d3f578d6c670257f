"""What it costs to have capacity ready, beside paying by use: provisioned tables, ready environments.

A month is thirty equal days, whose load follows one smooth wave. Auto scaling follows it by DynamoDB's rules.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from math import ceil, cos, exp, gamma, pi, sqrt
from typing import TYPE_CHECKING, Final

from loadtest.capacity.prices import Prices, load_prices
from loadtest.capacity.workload import DAYS, SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadtest.capacity.tally import Tally
    from loadtest.capacity.workload import Workload

LEAST: Final = 5
"""Units that a table and each of its indexes has at least (MinReadCapacity and so on of stack/root.yaml)."""
PARTS: Final = {"chats": 4, "messages": 1, "users": 2, "connections": 1, "limits": 1}
"""The tables that TableCapacity provisions (stack/data.yaml), each with its indexes."""
_TARGET, _LOWER_BELOW = 0.7, 0.2
_RAISE_MINUTES, _LOWER_MINUTES = 2, 15
_BURST_MINUTES = 5
_MINUTES, _HOURS = SECONDS // 60, DAYS * 24
IDLE_SECONDS: Final = 300
"""For how long Lambda keeps an environment that is not used: an assumption, AWS says nothing of it."""
WAITED_FOR: Final = {
    "authorizer": ("authorize",),
    "connect": ("connect",),
    "tickets": ("ticket",),
    "send_message": ("sendDirect", "sendGroup", "sendChannel"),
    "sync": ("sync",),
    "chats": ("listChats",),
}
"""Functions whose answer somebody waits for, and their operations."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How auto scaling follows a day."""

    provisioned: float
    """Units a second, averaged over the day."""
    used: float
    """Likewise, of what was asked for and not throttled."""
    throttled: float
    """Of what was asked for, the share that found nothing left; clients ask again."""

    @property
    def utilisation(self) -> float:
        """Of what is paid for, the share that is used."""
        return self.used / self.provisioned


@dataclass(frozen=True, slots=True)
class ProvisionedTable:
    """A table's reads or writes, paid for by request and by what is provisioned."""

    table: str
    kind: str
    average: float
    """Units a second that are asked for."""
    followed: Followed
    on_demand_usd: float
    provisioned_usd: float


@dataclass(frozen=True, slots=True)
class ReadyFunction:
    """A function, and what it would cost a month to spare its users cold starts."""

    function: str
    rate: float
    """Invocations a second, on average."""
    cold: float
    """Of them, the share that finds no idle environment because none was used for a while."""
    environments: int
    """Under way at once at the peak, and ready therefore."""
    provisioned_usd: float
    """More than today, for provisioned concurrency at the peak."""
    snapshot_usd: float
    """For keeping one version's snapshot (SnapStart), and its restores."""


@cache
def day(peak: float) -> tuple[float, ...]:
    """The load of each minute of a day over the average, so that the busiest is ``peak`` of it."""
    if peak <= 1:
        return (1.0,) * _MINUTES
    low, high = 0.0, 1_000.0
    for _ in range(60):  # a wave's power decides how sharp it is: average 1, highest 1 / its mean
        power = (low + high) / 2
        low, high = (power, high) if _highest(power) < peak else (low, power)
    wave = [((1 - cos(2 * pi * minute / _MINUTES)) / 2) ** power for minute in range(_MINUTES)]
    mean = sum(wave) / _MINUTES
    return tuple(load / mean for load in wave)


def _highest(power: float) -> float:
    """The highest of a wave of this power over its mean."""
    if power > 150:  # noqa: PLR2004 - where gamma overflows; by Stirling's formula
        return sqrt(pi * power)
    return sqrt(pi) * gamma(power + 1) / gamma(power + 0.5)


def follow(loads: Sequence[float], least: float = LEAST) -> Followed:
    """Have auto scaling follow the loads of a day's minutes, in units a second, for the second day of two."""
    units, saved = max(least, ceil(loads[0] / _TARGET)), 0.0
    uses: deque[float] = deque(maxlen=_LOWER_MINUTES)
    provisioned = used = 0.0
    for number, load in enumerate((*loads, *loads)):
        use = min(load, units + saved)
        saved = min(saved + units - use, _BURST_MINUTES * units)
        if number >= len(loads):
            provisioned, used = provisioned + units, used + use
        uses.append(use)
        wanted = max(least, ceil(max(list(uses)[-_RAISE_MINUTES:]) / _TARGET))
        raises = len(uses) >= _RAISE_MINUTES and min(list(uses)[-_RAISE_MINUTES:]) > _TARGET * units
        lowers = len(uses) == _LOWER_MINUTES and max(uses) < (_TARGET - _LOWER_BELOW) * units
        if (raises or lowers) and wanted != units:
            units = wanted
            uses.clear()
    asked = sum(loads)
    return Followed(provisioned / len(loads), used / len(loads), 1 - used / asked if asked else 0.0)


def break_even(prices: Prices | None = None) -> dict[str, float]:
    """The utilisation from which provisioned capacity is cheaper than on demand, without allowances."""
    by_meter = {price.meter: price for price in (prices or load_prices()).price}
    hour_of_requests = 3_600.0
    return {
        kind: by_meter[f"dynamodb.provisioned_{kind}"].cost(1, allowance=False)
        / by_meter[f"dynamodb.{kind}"].cost(hour_of_requests, allowance=False)
        for kind in ("reads", "writes")
    }


def provisioned_tables(workload: Workload, month: Tally) -> list[ProvisionedTable]:
    """The tables that TableCapacity provisions: what each costs either way, in one region."""
    prices = {price.meter: price for price in load_prices().price}
    found = []
    for table, parts in PARTS.items():
        for kind in ("reads", "writes"):
            units = month.units.get((table, kind), 0.0)
            average = units / (DAYS * SECONDS)
            followed = follow([average * load for load in day(workload.peak)], least=LEAST * parts)
            hours = followed.provisioned * _HOURS
            found.append(
                ProvisionedTable(
                    table,
                    kind,
                    average,
                    followed,
                    prices[f"dynamodb.{kind}"].cost(units, allowance=False),
                    prices[f"dynamodb.provisioned_{kind}"].cost(hours, allowance=False),
                )
            )
    return found


def ready_functions(workload: Workload, month: Tally) -> list[ReadyFunction]:
    """The functions that users wait for: how often they start cold, and what it costs to prevent it."""
    gb = month.invocation.memory_mb / 1_024
    seconds = DAYS * SECONDS
    usd = {price.meter: price.cost(1, allowance=False) for price in load_prices().price}
    found = []
    for function, operations in WAITED_FOR.items():
        times = sum(month.operations[name] for name in operations)
        busy = sum(month.busy[name] for name in operations)
        rate = times / seconds
        cold = _cold([rate * load for load in day(workload.peak)])
        environments = max(1, ceil(busy / seconds * workload.peak))
        cheaper = usd["lambda.gb_seconds"] - usd["lambda.provisioned_gb_seconds"]
        provisioned = environments * gb * seconds * usd["lambda.ready_gb_seconds"] - busy * gb * cheaper
        snapshot = gb * (
            seconds * usd["lambda.snapshot_gb_seconds"] + times * cold * usd["lambda.restored_gb"]
        )
        found.append(ReadyFunction(function, rate, cold, environments, provisioned, snapshot))
    return found


def _cold(rates: Sequence[float]) -> float:
    """The share of calls before which none came for so long that no environment is left."""
    asked = sum(rates)
    return sum(rate * exp(-rate * IDLE_SECONDS) for rate in rates) / asked if asked else 0.0


def sums(tables: Sequence[ProvisionedTable]) -> Mapping[str, float]:
    """All tables together, either way."""
    return {
        "onDemand": sum(table.on_demand_usd for table in tables),
        "provisioned": sum(table.provisioned_usd for table in tables),
    }
