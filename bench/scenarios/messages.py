"""Direct messages on both emulators, in turn: what one sender waits for, and how many flow from 50."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from bench import budgets
from bench.budgets import Result
from bench.figures import Pairs, percentile
from bench.ring import joined
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.budgets import Budget
    from bench.ring import Timings
    from bench.subjects import Comparison

CONNECTIONS: Final = 50


async def measure(comparison: Comparison) -> list[Result]:
    """Let one send, then all, first here and then there, round after round."""
    pace, progress = comparison.pace, comparison.progress
    alone: list[tuple[Timings, Timings]] = []
    together: list[tuple[Timings, Timings]] = []
    async with AsyncExitStack() as stack:
        rings = []
        for subject in (comparison.localcloud, comparison.ministack):
            with progress.step(f"Opening {CONNECTIONS} connections to {subject.name}"):
                ring = await stack.enter_async_context(
                    joined(subject.deployment, subject.tables, CONNECTIONS)
                )
                await ring.warm_up()
                rings.append(ring)
        ours, theirs = rings
        for number in range(pace.rounds):
            with progress.step(f"One sender, then {CONNECTIONS}, round {number + 1}"):
                alone.append((await ours.send_for(pace.seconds, 1), await theirs.send_for(pace.seconds, 1)))
                together.append(
                    (
                        await ours.send_for(pace.seconds, CONNECTIONS),
                        await theirs.send_for(pace.seconds, CONNECTIONS),
                    )
                )
    _refuse_losses([timings for pair in (*alone, *together) for timings in pair])
    return [_throughput(together), _latency(alone)]


def _throughput(rounds: Sequence[tuple[Timings, Timings]]) -> Result:
    rates = Pairs(
        *_columns([(ours.messages_per_second, theirs.messages_per_second) for ours, theirs in rounds])
    )
    client = max(ours.client_share for ours, _ in rounds)
    measured = (
        f"{rates.subject_median:.0f}/s; MiniStack {rates.reference_median:.0f}/s; "
        f"the client took {client:.0%} of a core"
    )
    return _result(budgets.THROUGHPUT, rates, measured, client_share=client)


def _latency(rounds: Sequence[tuple[Timings, Timings]]) -> Result:
    medians = [tuple(percentile(side.to_delivery(), 0.5) for side in pair) for pair in rounds]
    times = Pairs(*_columns(medians))
    tail = percentile([value for ours, _ in rounds for value in ours.to_delivery()], 0.99)
    measured = f"{times.subject_median:.1f} ms (p99 {tail:.1f}); MiniStack {times.reference_median:.1f} ms"
    return _result(budgets.LATENCY, times, measured, localcloud_p99_ms=tail)


def _result(budget: Budget, pairs: Pairs, measured: str, **more: float) -> Result:
    return Result(
        budget, pairs.ratio, measured, {"localcloud": pairs.subject, "ministack": pairs.reference, **more}
    )


def _columns(rows: Sequence[tuple[float, ...]]) -> tuple[tuple[float, ...], ...]:
    return tuple(zip(*rows, strict=True))


def _refuse_losses(timings: Sequence[Timings]) -> None:
    if lost := sum(one.undelivered for one in timings):
        raise HarnessError(f"{lost} acked messages never reached the other user: a fault, not a figure.")
