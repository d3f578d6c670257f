"""A connect storm on localcloud: everybody connects at once, gets in, stays in, and is cheap.

An account may open 500 WebSocket connections a second, on localcloud as on AWS, so a larger storm is answered
429 in part. Who is told so comes back within the next second, with the same ticket: the throttle stands
before the authorizer. Any other refusal is a failure, which the result names.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING

from websockets.exceptions import InvalidStatus

from bench import budgets
from bench.budgets import Result
from bench.client import connected
from bench.ring import joined

if TYPE_CHECKING:
    from bench.client import Connection
    from bench.subjects import Comparison, Subject

_USERS = 100
_WARM_UP = 50
_COME_BACK_SECONDS = 1.0
_ATTEMPTS = 20


class Storm:
    """Clients that open a connection each, and why those that failed did."""

    def __init__(self, web_socket_url: str) -> None:
        """Nobody has come yet."""
        self._web_socket_url = web_socket_url
        self.connections: list[Connection] = []
        self.throttled = 0
        """How often a client was told to come back."""
        self.failures: Counter[str] = Counter()
        """How many failed, by why."""

    async def open(self, stack: AsyncExitStack, ticket: str) -> None:
        """Connect, and come back while that is throttled; the stack ends the connection."""
        for _ in range(_ATTEMPTS):
            try:
                opened = await stack.enter_async_context(connected(self._web_socket_url, ticket))
            except InvalidStatus as refused:
                if refused.response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                    return self._fail(refused)
                self.throttled += 1
                await asyncio.sleep(random.random() * _COME_BACK_SECONDS)  # noqa: S311 - jitter
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is why this one failed
                return self._fail(fault)
            else:
                return self.connections.append(opened)
        self.failures[f"throttled {_ATTEMPTS} times"] += 1
        return None

    async def answering(self) -> int:
        """How many answer a ping and have not been ended."""
        gate = asyncio.Semaphore(_WARM_UP)

        async def ping(connection: Connection) -> None:
            async with gate:
                await connection.ask({"action": "ping"})

        answers = await asyncio.gather(*map(ping, self.connections), return_exceptions=True)
        for answer, connection in zip(answers, self.connections, strict=True):
            if answer is not None:
                self._fail(answer)
            elif connection.lost:
                self.failures["ended after its answer"] += 1
        return sum(
            answer is None and not connection.lost
            for answer, connection in zip(answers, self.connections, strict=True)
        )

    def _fail(self, fault: BaseException) -> None:
        self.failures[str(fault) or type(fault).__name__] += 1


async def measure(comparison: Comparison) -> list[Result]:
    """Open all at once, then let every connection answer, then weigh localcloud."""
    subject, number = comparison.localcloud, comparison.pace.storm
    async with joined(subject.deployment, subject.tables, _WARM_UP):
        pass  # what the first connections make once is not the price of a connection
    tickets = _tickets(subject, number)
    before = subject.deployment.emulator.memory_kilobytes()
    storm = Storm(subject.deployment.web_socket_url)
    async with AsyncExitStack() as stack:
        with comparison.progress.step(f"Opening {number} connections at once"):
            began = time.perf_counter()
            await asyncio.gather(*(storm.open(stack, ticket) for ticket in tickets))
            seconds = time.perf_counter() - began
        each = (subject.deployment.emulator.memory_kilobytes() - before) / max(len(storm.connections), 1)
        with comparison.progress.step("Asking each of them"):
            answering = await storm.answering()
    return [
        Result(
            budgets.STORM_ACCEPTED,
            answering / number,
            _measured(storm, answering, number, seconds),
            {
                "answering": answering,
                "seconds": seconds,
                "throttled": storm.throttled,
                **{f"failed: {why}": count for why, count in storm.failures.items()},
            },
        ),
        Result(budgets.STORM_MEMORY, each, f"{each:.1f} KB each", {"kilobytes": each}),
    ]


def _tickets(subject: Subject, number: int) -> list[str]:
    people = subject.tables.add_users(_USERS)
    return subject.tables.add_tickets(people[turn % _USERS] for turn in range(number))


def _measured(storm: Storm, answering: int, number: int, seconds: float) -> str:
    said = f"{answering} of {number}, opened in {seconds:.1f} s ({number / seconds:.0f}/s)"
    if storm.throttled:
        said += f"; AWS's 500 a second turned {storm.throttled} away for a moment"
    failures = (f"; {count} failed: {why}" for why, count in storm.failures.most_common())
    return said + "".join(failures)
