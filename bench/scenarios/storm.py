"""A connect storm on localcloud: everybody connects at once, gets in, stays in, and is cheap."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bench import budgets
from bench.budgets import Result
from bench.client import connected
from bench.ring import joined

if TYPE_CHECKING:
    from bench.client import Connection
    from bench.subjects import Comparison

_USERS = 100
_WARM_UP = 50


async def measure(comparison: Comparison) -> list[Result]:
    """Open all at once, then let every connection answer, then weigh localcloud."""
    subject, number = comparison.localcloud, comparison.pace.storm
    async with joined(subject.deployment, subject.tables, _WARM_UP):
        pass  # what the first connections make once is not the price of a connection
    people = subject.tables.add_users(_USERS)
    tickets = subject.tables.add_tickets(people[turn % _USERS] for turn in range(number))
    before = subject.deployment.emulator.memory_kilobytes()
    async with AsyncExitStack() as stack:
        with comparison.progress.step(f"Opening {number} connections at once"):
            began = time.perf_counter()
            entered = await asyncio.gather(
                *(
                    stack.enter_async_context(connected(subject.deployment.web_socket_url, one))
                    for one in tickets
                ),
                return_exceptions=True,
            )
            seconds = time.perf_counter() - began
        opened = [one for one in entered if not isinstance(one, BaseException)]
        each = (subject.deployment.emulator.memory_kilobytes() - before) / number
        with comparison.progress.step("Asking each of them"):
            answering = await _answering(opened)
    counted = f"{answering} of {number}, opened in {seconds:.1f} s ({number / seconds:.0f}/s)"
    return [
        Result(
            budgets.STORM_ACCEPTED, answering / number, counted, {"answering": answering, "seconds": seconds}
        ),
        Result(budgets.STORM_MEMORY, each, f"{each:.1f} KB each", {"kilobytes": each}),
    ]


async def _answering(connections: list[Connection]) -> int:
    """How many answer a ping and have not been ended."""
    gate = asyncio.Semaphore(_WARM_UP)

    async def ping(connection: Connection) -> None:
        async with gate:
            await connection.ask({"action": "ping"})

    answers = await asyncio.gather(*map(ping, connections), return_exceptions=True)
    return sum(
        answer is None and not connection.lost
        for answer, connection in zip(answers, connections, strict=True)
    )
