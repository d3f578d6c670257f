"""People in a ring: each is connected once and has a direct chat with the next, in which only they send."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bench.client import connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bench.client import Connection
    from bench.deployment import Deployment
    from bench.tables import Tables

_DELIVERY_SECONDS: Final = 10.0
_OPENING_AT_ONCE: Final = 16


@dataclass(slots=True)
class Member:
    """One of the ring."""

    user_id: str
    connection: Connection
    chat_id: str
    """The chat with the next one."""
    last_seq: int = 0

    async def send(self) -> str:
        """Send a message and wait for its ack; gives the message's id."""
        id_, self.last_seq = await self.connection.send(self.chat_id, self.last_seq)
        return id_


@dataclass(frozen=True, slots=True)
class Timings:
    """What one stretch of sending gave; times in seconds of `time.perf_counter`."""

    seconds: float
    sent: dict[str, float] = field(default_factory=dict)
    acked: dict[str, float] = field(default_factory=dict)
    delivered: dict[str, float] = field(default_factory=dict)
    client_share: float = 0.0
    """How much of one core this process, the client, took meanwhile."""

    @property
    def messages_per_second(self) -> float:
        """Acked messages a second."""
        return len(self.acked) / self.seconds

    def to_ack(self) -> list[float]:
        """Milliseconds from each send to its ack."""
        return [(at - self.sent[id_]) * 1_000 for id_, at in self.acked.items()]

    def to_delivery(self) -> list[float]:
        """Milliseconds from each send to its delivery."""
        return [(at - self.sent[id_]) * 1_000 for id_, at in self.delivered.items()]

    @property
    def undelivered(self) -> int:
        """How many acked messages never arrived."""
        return len(self.acked.keys() - self.delivered.keys())


class Ring:
    """The members, in order."""

    def __init__(self, members: Sequence[Member]) -> None:
        """Use `joined`."""
        self.members = members

    async def warm_up(self) -> None:
        """Let everybody send once: environments, caches and connections stand after it."""
        async with asyncio.TaskGroup() as group:
            for member in self.members:
                group.create_task(member.send())

    async def send_for(self, seconds: float, senders: int) -> Timings:
        """Let the first so many members send, each as soon as the last message is acked."""
        for member in self.members:
            member.connection.delivered.clear()
        sent: dict[str, float] = {}
        acked: dict[str, float] = {}
        computing, began = time.process_time(), time.perf_counter()
        end = began + seconds

        async def keep_sending(member: Member) -> None:
            while (start := time.perf_counter()) < end:
                id_ = await member.send()
                acked[id_] = time.perf_counter()
                sent[id_] = start

        async with asyncio.TaskGroup() as group:
            for member in self.members[:senders]:
                group.create_task(keep_sending(member))
        elapsed, computed = time.perf_counter() - began, time.process_time() - computing
        delivered = await self._deliveries(acked)
        return Timings(elapsed, sent, acked, delivered, computed / elapsed)

    async def _deliveries(self, acked: dict[str, float]) -> dict[str, float]:
        """When each message arrived; those that are late are waited for."""
        deadline = time.perf_counter() + _DELIVERY_SECONDS
        while True:
            delivered = {
                id_: at for member in self.members for id_, at in member.connection.delivered.items()
            }
            if acked.keys() <= delivered.keys() or time.perf_counter() > deadline:
                return {id_: at for id_, at in delivered.items() if id_ in acked}
            await asyncio.sleep(0.02)


@asynccontextmanager
async def joined(deployment: Deployment, tables: Tables, size: int) -> AsyncIterator[Ring]:
    """Connect so many new people and introduce each to the next; at the end they leave."""
    people = tables.add_users(size)
    chats = tables.add_direct_chats(list(zip(people, [*people[1:], people[0]], strict=True)))
    tickets = tables.add_tickets(people)
    async with AsyncExitStack() as stack:
        gate = asyncio.Semaphore(_OPENING_AT_ONCE)

        async def join(user_id: str, chat_id: str, ticket: str) -> Member:
            async with gate:
                opened = connected(deployment.web_socket_url, ticket)
                return Member(user_id, await stack.enter_async_context(opened), chat_id)

        members = await asyncio.gather(*map(join, people, chats, tickets))
        yield Ring(members)
