"""Whether anything slows down as data and connections grow: a full localcloud beside an empty one."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bench import budgets, subjects
from bench.budgets import Result
from bench.client import connected
from bench.figures import Pairs, percentile
from bench.ring import joined

if TYPE_CHECKING:
    from bench.budgets import Budget
    from bench.ring import Member, Ring
    from bench.subjects import Comparison, Subject

SHORT: Final = 100
"""Messages of the chat that the long one is compared with."""
_PAGE: Final = 50
_READS: Final = 50
_IDLE_USERS: Final = 100
_OPENING_AT_ONCE: Final = 50


async def measure(comparison: Comparison) -> list[Result]:
    """Fill one, leave one empty, then send and read on both in turn."""
    pace, progress = comparison.pace, comparison.progress
    sends, reads, lengths = [], [], []
    async with AsyncExitStack() as stack:
        with progress.step("Starting an empty localcloud beside it"):
            empty = stack.enter_context(subjects.localcloud(comparison.folder / "empty"))
        grown = comparison.localcloud
        long, short = [
            await stack.enter_async_context(joined(grown.deployment, grown.tables, 2)) for _ in "ab"
        ]
        small = await stack.enter_async_context(joined(empty.deployment, empty.tables, 2))
        with progress.step(f"Writing {pace.chats:,} chats, and one of {pace.messages:,} messages"):
            _fill(grown, long, pace.chats, pace.messages)
            for subject, ring in ((grown, short), (empty, small)):
                _fill_chat(subject, ring.members[0], SHORT)
        with progress.step(f"Opening {pace.storm:,} connections that stay idle"):
            await _idle(stack, grown, pace.storm)
        for number in range(pace.rounds):
            with progress.step(f"Grown, then empty, round {number + 1}"):
                sends.append((await _send(long, pace.seconds), await _send(small, pace.seconds)))
                far, near, alone = [await _read(ring.members[0]) for ring in (long, short, small)]
                lengths.append((far, near))
                reads.append((far, alone))
    return [
        _result(budgets.HISTORY, lengths, "short"),
        _result(budgets.GROWTH_SEND, sends, "empty"),
        _result(budgets.GROWTH_READ, reads, "empty"),
    ]


def _fill(subject: Subject, ring: Ring, chats: int, messages: int) -> None:
    people = subject.tables.add_users(chats // 100 + 1)
    pairs = [(one, f"{other}-{turn}") for turn in range(100) for one, other in pairwise(people)]
    subject.tables.add_direct_chats(pairs[:chats])
    _fill_chat(subject, ring.members[0], messages)


def _fill_chat(subject: Subject, member: Member, messages: int) -> None:
    subject.tables.fill_chat(member.chat_id, member.user_id, messages)
    member.last_seq = messages


async def _idle(stack: AsyncExitStack, subject: Subject, number: int) -> None:
    people = subject.tables.add_users(_IDLE_USERS)
    for start in range(0, number, _OPENING_AT_ONCE):
        turns = range(start, min(start + _OPENING_AT_ONCE, number))
        tickets = subject.tables.add_tickets(people[turn % _IDLE_USERS] for turn in turns)
        opened = (connected(subject.deployment.web_socket_url, ticket) for ticket in tickets)
        await asyncio.gather(*map(stack.enter_async_context, opened))


async def _send(ring: Ring, seconds: float) -> float:
    """The p50 of one sender's send to ack, in milliseconds."""
    return percentile((await ring.send_for(seconds, 1)).to_ack(), 0.5)


async def _read(member: Member) -> float:
    """The p50 of reading the chat's last 50, in milliseconds."""
    taken = []
    for _ in range(_READS):
        began = time.perf_counter()
        await member.connection.last(member.chat_id, _PAGE)
        taken.append((time.perf_counter() - began) * 1_000)
    return percentile(taken, 0.5)


def _result(budget: Budget, rows: list[tuple[float, float]], reference: str) -> Result:
    pairs = Pairs(tuple(one for one, _ in rows), tuple(other for _, other in rows))
    measured = f"{pairs.subject_median:.1f} ms; {reference} {pairs.reference_median:.1f} ms"
    return Result(
        budget, pairs.ratio, measured, {"grown_ms": pairs.subject, f"{reference}_ms": pairs.reference}
    )
