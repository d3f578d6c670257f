"""Adds up what operations use: AWS's meters, units of each table, time, requests of API Gateway."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from loadtest.capacity.measured_calls import MeasuredCalls, load_measured_calls
from loadtest.capacity.workload import Invocation

if TYPE_CHECKING:
    from loadtest.capacity.measured_calls import Call, Operation

GB = 1024**3
SLICE = 100
"""Users that one BatchGetItem or one task of the queue is about."""
DIRECT_LIMIT = 25
"""Devices that a request posts to itself; more are left to the queue (handlers/chat/service/deliver.py)."""
_WRITE_BYTES, _READ_BYTES, _FRAME_BYTES, _QUEUE_BYTES = 1_024, 4_096, 32 * 1_024, 64 * 1_024
_QUEUE_REQUESTS = 3
"""A message of the queue is sent, received and deleted; batches would be cheaper."""
_INDEXED = {"chats": 2, "users": 2}
"""Write units of a small item where an index holds all of its attributes, too (stack/data.yaml)."""
_LEFT = ("send", "mark", "typing")
"""Operations whose requests leave the posts to the queue where they are many."""


@dataclass(slots=True)
class Tally:
    """What was used so far. Amounts may be fractions: they are averages times numbers."""

    invocation: Invocation = field(default_factory=Invocation)
    measured: MeasuredCalls = field(default_factory=load_measured_calls)
    meters: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Amounts by the meter's name in data/prices.toml."""
    units: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    """Units of each table, by its name and "reads" or "writes"."""
    busy: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds that invocations last, by operation."""
    operations: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """How often each operation was done."""
    posts: float = 0.0
    """Calls of @connections."""
    gateway: float = 0.0
    """Requests that count for API Gateway's throttle: frames, HTTP requests, connects and posts."""

    def frame(self, name: str, times: float, **sizes: float) -> None:
        """A client's frame, its answer and what it does; `sizes` are those of `do`."""
        operation = self.measured.operations[name]
        more = sizes.get("text", self.measured.text) - self.measured.text if name.startswith("send") else 0.0
        answer = operation.response_bytes + sizes.get("chats", 0) * operation.each_chat_response_bytes
        self._message(times, operation.request_bytes + more)
        self._message(times, answer)
        self.meters["transfer.internet"] += times * answer / GB
        self.gateway += times
        self.meters["logs.access"] += times * self.invocation.access_log_bytes / GB
        self.do(name, times, **sizes)

    def request(self, name: str, times: float, **sizes: float) -> None:
        """A request of the HTTP API and what it does; `sizes` are those of `do`."""
        operation = self.measured.operations[name]
        answer = operation.response_bytes + sizes.get("chats", 0) * operation.each_chat_response_bytes
        self.meters["http.requests"] += times
        self.meters["transfer.internet"] += times * answer / GB
        self.gateway += times
        self.meters["logs.access"] += times * self.invocation.access_log_bytes / GB
        self.do(name, times, **sizes)

    def do(
        self,
        name: str,
        times: float,
        *,
        members: float = 0,
        told: float = 0,
        chats: float = 0,
        text: float | None = None,
    ) -> None:
        """An invocation of a function that carries out an operation, so many times.

        Args:
            name: the operation, as measured.
            times: how often.
            members: users who are looked up for their connections.
            told: devices that are posted to, by this invocation or by tasks it leaves to the queue.
            chats: how many chats it is about, where it is about several.
            text: bytes of the message's text; None as measured.
        """
        operation = self.measured.operations[name]
        more = 0.0 if text is None else text - self.measured.text
        self.operations[name] += times
        queued = ceil(members / SLICE) if told > DIRECT_LIMIT and name.startswith(_LEFT) else 0
        seconds = self.invocation.processor_ms / 1_000
        for call in operation.calls:
            seconds += self._call(call, times, members, more)
        for call in operation.each_chat:
            seconds += chats * self._call(call, times * chats, members, more) / self.invocation.workers
        if not queued:
            seconds += self._posts(operation, times, told, more)
        seconds += queued * self.invocation.queue_ms / 1_000
        self.meters["sqs.requests"] += times * queued * _QUEUE_REQUESTS
        self.meters["lambda.requests"] += times
        self.meters["lambda.gb_seconds"] += times * seconds * self.invocation.memory_mb / 1_024
        self.meters["logs.lambda"] += times * self.invocation.log_bytes / GB
        self.busy[name] += times * seconds
        if queued:
            slices = times * queued
            self.do("fanOutUsers", slices, members=members / queued, told=told / queued, text=text)

    def _message(self, times: float, size: float) -> None:
        self.meters["websocket.messages"] += times * max(1, ceil(size / _FRAME_BYTES))

    def _posts(self, operation: Operation, times: float, told: float, more: float) -> float:
        """Post to devices; the seconds that takes an invocation."""
        posted = next(
            (call for call in operation.calls + operation.each_chat if call.operation == "POST"), None
        )
        if posted is None or not told:
            return 0.0
        size = posted.bytes / posted.items + more
        self.posts += times * told
        self.gateway += times * told
        self._message(times * told, size)
        self.meters["transfer.internet"] += times * told * size / GB
        return ceil(told / self.invocation.workers) * self.invocation.post_ms / 1_000

    def _call(self, call: Call, times: float, members: float, more: float) -> float:
        """Requests of one kind of an operation; the seconds they take an invocation, one after the other."""
        table, size = call.table, call.bytes
        match call.operation:
            case "POST":
                return 0.0
            case "SendMessage":
                chunks = ceil((size + more) / _QUEUE_BYTES)
                self.meters["sqs.requests"] += times * call.requests * _QUEUE_REQUESTS * chunks
                return call.requests * self.invocation.queue_ms / 1_000
            case "BatchGetItem" if table == "connections" and members:
                self._use(table, "reads", times * members)
                return ceil(members / SLICE) * self.invocation.table_ms / 1_000
            case "BatchGetItem" | "GetItem" | "Query":
                self._use(table.split("/")[0], "reads", times * call.items * (1 if call.consistent else 0.5))
            case "PutItem":
                bytes_ = size + (more if table == "messages" else 0)
                self._use(table, "writes", times * call.items * ceil(bytes_ / _WRITE_BYTES))
            case "DeleteItem" | "UpdateItem":
                self._use(table, "writes", times * call.items * _INDEXED.get(table, 1))
            case _:
                raise NotImplementedError(f"{call.operation} has no price here.")
        return call.requests * self.invocation.table_ms / 1_000

    def more_reads(self, table: str, units: float) -> None:
        """Units that items above 4 KB cost beyond the one that `do` reckons with."""
        self._use(table, "reads", units)

    def _use(self, table: str, kind: str, units: float) -> None:
        self.units[table, kind] += units
        self.meters[f"dynamodb.{kind}"] += units


def read_units(size: float) -> int:
    """Units of a strongly consistent read of so many bytes."""
    return max(1, ceil(size / _READ_BYTES))
