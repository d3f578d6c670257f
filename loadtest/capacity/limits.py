"""Which quota binds, in which order, with how much room; and what one chat can bear."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from loadtest.capacity.quotas import Quotas, load_quotas
from loadtest.capacity.regions import DURABLE
from loadtest.capacity.tally import SLICE, Tally, read_units
from loadtest.capacity.workload import DAYS, SECONDS, TOKEN_SECONDS

if TYPE_CHECKING:
    from loadtest.capacity.quotas import Quota
    from loadtest.capacity.workload import Workload

_FAN_OUT = ("fanOutUsers", "fanOutChannel", "tellPresence")
_SENDS = ("sendDirect", "sendGroup", "sendChannel")
_ROUTES = (_SENDS, ("markDirect", "markGroup"), ("typingDirect", "typingGroup"), ("ping",), ("sync",))
_FAN_OUT_BATCH = 5
"""Tasks that an invocation is given at most (FanOutBatchSize of stack/delivery.yaml)."""


@dataclass(frozen=True, slots=True)
class Room:
    """A quota, what the busiest moments ask of it, and how much room that leaves."""

    quota: Quota
    demand: float

    @property
    def factor(self) -> float:
        """By how much the load may grow; below 1 it is too much already."""
        return self.quota.value / self.demand if self.demand else float("inf")


@dataclass(frozen=True, slots=True)
class HotChat:
    """How many messages a second one chat can bear, and why not more."""

    chat: str
    messages_per_second: float
    why: str


def rooms(workload: Workload, month: Tally, quotas: Quotas | None = None) -> list[Room]:
    """Every quota with its demand at the peak, the tightest first."""
    quotas = quotas or load_quotas()
    demands = _demands(workload, month)
    return sorted((Room(quotas.of(name), demand) for name, demand in demands.items()), key=lambda r: r.factor)


def _demands(workload: Workload, month: Tally) -> dict[str, float]:
    """What the busiest moments ask of a region, by the quota's name."""
    at_peak = workload.peak / (DAYS * SECONDS) / workload.regions
    concurrency = {name: seconds * at_peak for name, seconds in month.busy.items()}
    table: dict[str, dict[str, float]] = {"reads": {}, "writes": {}}
    for (name, kind), units in month.units.items():
        copies = workload.regions if kind == "writes" and name in DURABLE else 1
        table[kind][name] = units * at_peak * copies
    routes = (sum(month.operations[name] for name in route) for route in _ROUTES)
    fan_out = sum(concurrency.get(name, 0.0) for name in _FAN_OUT)
    return {
        "websocket.connects": month.operations["connect"] * at_peak,
        "apigateway.requests": month.gateway * at_peak,
        "stage.send": max(routes) * at_peak,
        "lambda.concurrency": sum(concurrency.values()),
        "lambda.scaling": max(concurrency.values(), default=0.0) * (1 - 1 / workload.peak),
        "fan_out.concurrency": fan_out,
        "sqs.in_flight": fan_out * _FAN_OUT_BATCH,
        "dynamodb.table_writes": max(table["writes"].values(), default=0.0),
        "dynamodb.table_reads": max(table["reads"].values(), default=0.0),
        "cognito.authentication": month.operations["connect"] * at_peak
        + workload.connections / workload.regions / TOKEN_SECONDS,
        "s3.prefix_writes": month.meters["s3.writes"] * at_peak,
    }


def storm_seconds(workload: Workload, quotas: Quotas | None = None) -> float:
    """How long it takes at least until everybody is back after all connections were lost at once."""
    quotas = quotas or load_quotas()
    return workload.connections / workload.regions / quotas.of("websocket.connects").value


def amplification(workload: Workload, month: Tally) -> float:
    """Frames posted to devices for one message, its receipts, typing and presence among them."""
    return month.posts / workload.messages if workload.messages else 0.0


def hot_chats(workload: Workload, quotas: Quotas | None = None) -> list[HotChat]:
    """What bounds one chat: its partition, its order, and for a channel the walk through its members."""
    quotas = quotas or load_quotas()
    writes = quotas.of("dynamodb.partition_writes").value
    reads = quotas.of("dynamodb.partition_reads").value
    tally = Tally()
    put = next(c for c in tally.measured.operations["sendDirect"].calls if c.table == "messages")
    units = ceil((put.bytes - tally.measured.text + workload.text_bytes) / 1_024)
    append = 1_000 / tally.invocation.table_ms
    found = [
        HotChat("any", writes / units, f"{writes:,.0f} write units a partition, {units} a message"),
        HotChat("any", append, f"appends come one after the other, {tally.invocation.table_ms:g} ms each"),
    ]
    for members in sorted({workload.group_size, 256.0}):
        roster = read_units(members * tally.measured.items.member) + 1
        why = f"{reads:,.0f} read units a partition, {roster} for the roster and one's own item"
        found.append(HotChat(f"a group of {members:,.0f}", reads / roster, why))
    found += [_channel(workload, members, quotas) for members in sorted({workload.channel_size, 100_000.0})]
    return found


def _channel(workload: Workload, members: float, quotas: Quotas) -> HotChat:
    """A channel: its slices follow one another, each with the posts of a hundred members."""
    tally = Tally()
    slices = max(1.0, members / SLICE)
    told = min(members, SLICE) * workload.online_share * workload.devices
    tally.do("fanOutChannel", 1, members=min(members, SLICE), told=told)
    walk = slices * tally.busy["fanOutChannel"]
    posts = quotas.of("apigateway.requests").value / max(1e-9, slices * told)
    parallel = quotas.of("fan_out.concurrency").value / walk
    rate = min(posts, parallel)
    which = "FanOutConcurrency" if parallel < posts else "API Gateway's requests a second"
    why = f"{which}; the last device is told {walk:,.1f} s after the first, its {slices:,.0f} slices in a row"
    return HotChat(f"a channel of {members:,.0f}", rate, why)
