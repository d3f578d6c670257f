"""Direct messages on both emulators, in turn: what one sender waits for, and how many flow from 50."""

from __future__ import annotations

from contextlib import AsyncExitStack
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import budgets, computing
from bench.budgets import Result
from bench.figures import Pairs, percentile
from bench.ring import joined
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.budgets import Budget
    from bench.ring import Ring, Timings
    from bench.subjects import Comparison, Subject

CONNECTIONS: Final = 50


class Round(NamedTuple):
    """What one emulator did in one round."""

    timings: Timings
    computing: Mapping[str, float]
    """Milliseconds of CPU time a message, by kind of process."""


async def measure(comparison: Comparison) -> list[Result]:
    """Let one send, then all, first here and then there, round after round."""
    pace, progress = comparison.pace, comparison.progress
    alone: list[tuple[Round, ...]] = []
    together: list[tuple[Round, ...]] = []
    async with AsyncExitStack() as stack:
        sides = []
        for subject in (comparison.localcloud, comparison.ministack):
            with progress.step(f"Opening {CONNECTIONS} connections to {subject.name}"):
                ring = await stack.enter_async_context(
                    joined(subject.deployment, subject.tables, CONNECTIONS)
                )
                await ring.warm_up()
                sides.append((subject, ring))
        for number in range(pace.rounds):
            with progress.step(f"One sender, then {CONNECTIONS}, round {number + 1}"):
                for rounds, senders in ((alone, 1), (together, CONNECTIONS)):
                    rounds.append(tuple([await _round(*side, pace.seconds, senders) for side in sides]))
    _refuse_losses([side.timings for row in (*alone, *together) for side in row])
    return [_throughput(together), _latency(alone)]


async def _round(subject: Subject, ring: Ring, seconds: float, senders: int) -> Round:
    process = subject.deployment.emulator.process.pid
    before = computing.computed(process)
    timings = await ring.send_for(seconds, senders)
    return Round(timings, computing.for_each(before, computing.computed(process), len(timings.acked)))


def _throughput(rounds: Sequence[tuple[Round, ...]]) -> Result:
    rates = Pairs(*_columns([[side.timings.messages_per_second for side in row] for row in rounds]))
    client = max(row[0].timings.client_share for row in rounds)
    ours, theirs = (_medians([row[index].computing for row in rounds]) for index in (0, 1))
    measured = (
        f"{rates.subject_median:.0f}/s; MiniStack {rates.reference_median:.0f}/s; "
        f"CPU a message: {_said(ours)}; MiniStack's: {_said(theirs)}; the client took {client:.0%} of a core"
    )
    figures = {
        f"{name}_{kind}_cpu_ms": value
        for name, kinds in (("localcloud", ours), ("ministack", theirs))
        for kind, value in kinds.items()
    }
    return _result(budgets.THROUGHPUT, rates, measured, client_share=client, **figures)


def _latency(rounds: Sequence[tuple[Round, ...]]) -> Result:
    times = Pairs(
        *_columns([[percentile(side.timings.to_delivery(), 0.5) for side in row] for row in rounds])
    )
    tail = percentile([value for row in rounds for value in row[0].timings.to_delivery()], 0.99)
    measured = f"{times.subject_median:.1f} ms (p99 {tail:.1f}); MiniStack {times.reference_median:.1f} ms"
    return _result(budgets.LATENCY, times, measured, localcloud_p99_ms=tail)


def _result(budget: Budget, pairs: Pairs, measured: str, **more: float) -> Result:
    return Result(
        budget, pairs.ratio, measured, {"localcloud": pairs.subject, "ministack": pairs.reference, **more}
    )


def _columns(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(zip(*rows, strict=True))


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    kinds = dict.fromkeys(kind for round_ in rounds for kind in round_)
    return {kind: median(round_.get(kind, 0.0) for round_ in rounds) for kind in kinds}


def _said(computed: Mapping[str, float]) -> str:
    return (
        ", ".join(f"{kind} {value:.2f}" for kind, value in computed.items()) + " ms"
        if computed
        else "unknown"
    )


def _refuse_losses(timings: Sequence[Timings]) -> None:
    if lost := sum(one.undelivered for one in timings):
        raise HarnessError(f"{lost} acked messages never reached the other user: a fault, not a figure.")
