"""The summary of a run: its figures, its verdict, and where they were taken, in one JSON file.

The report is drawn and runs are compared from this file alone; the history is needed no more.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from .environment import Environment
from .figures import Figures
from .history import HistoryDamaged, Kind, Workload, read_run
from .percentiles import Latency, percentile
from .verdict import Judge, Verdict

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping
    from pathlib import Path

SUMMARY = "summary.json"
FORMAT = 1
POINTS = 600
"""At most so many points over time: a longer run is told in longer steps than seconds."""


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What users felt of one kind of request."""

    kind: Kind
    count: int
    failed: int
    per_second: float
    """From the first that was answered to the last."""
    latency: Latency | None
    """From when it was due; None where none succeeded."""
    service_time: Latency | None
    """From when it began, in an open workload, where that is later: what one would have seen without counting
    the wait."""


class Points(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Percentiles of latency over time, in milliseconds; None where nothing was measured."""

    p50: tuple[float | None, ...]
    p99: tuple[float | None, ...]


class Series(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The course of a run in steps of equal length."""

    step: int
    """Seconds."""
    sent: tuple[float, ...]
    """A second, as the three that follow."""
    acked: tuple[float, ...]
    delivered: tuple[float, ...]
    errors: tuple[float, ...]
    connections: tuple[int, ...]
    """At the end of each step."""
    latencies: dict[Kind, Points]


class Throughput(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Messages a second, from the first send on."""

    seconds: int
    """From the first send to the last."""
    sent: float
    """In that time."""
    acked: float
    """Until the last ack."""
    delivered: float
    """To devices, until the last was shown its last: a message in a group is delivered to each of them."""
    acked_peak: float
    """In the best step."""


class Connections(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Connections of a run."""

    opened: int
    broken: int
    """Those that ended without their device's wish."""
    most: int
    """At one time."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All that is kept of a run beside its history."""

    format: int = FORMAT
    at: datetime
    scenario: str
    workload: Workload
    target: str
    parameters: dict[str, str | int | float | bool | None]
    environment: Environment
    load_average_after: float
    processes: int
    seconds: int
    throughput: Throughput
    connections: Connections
    requests: tuple[Request, ...]
    errors: dict[str, int]
    """How often what failed with which code."""
    slowed: int
    """How often a device was asked to send nothing for a while."""
    slowed_seconds: float
    """How long, taken together."""
    findings: dict[str, Any] = {}
    """What the scenario found out, as the knee of `ramp`."""
    series: Series
    verdict: Verdict


class SummaryUnusable(Exception):  # noqa: N818 - says what happened
    """A summary cannot be read."""


def summarise(directory: Path, findings: Mapping[str, Any] | None = None) -> Summary:
    """Judge and sum up the run whose history is in a directory, reading it once.

    Raises:
        HistoryDamaged: there is none, or it cannot be read.
    """
    judge, figures = Judge(), Figures()
    read_run(directory, judge, figures)
    return summary_of(figures, judge.verdict(), findings or {})


def read_summary(path: Path) -> Summary:
    """Read a summary.

    Raises:
        SummaryUnusable: it is not there, or not one of this format.
    """
    try:
        summary = msgspec.json.decode(path.read_bytes(), type=Summary)
    except OSError as error:
        raise SummaryUnusable(f"{path} cannot be read: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise SummaryUnusable(f"{path} is no summary of a load test: {error}.") from error
    if summary.format != FORMAT:
        raise SummaryUnusable(
            f"{path} has format {summary.format}, not {FORMAT}: make it anew from its history."
        )
    return summary


def write_summary(path: Path, summary: Summary) -> None:
    """Write what `read_summary` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")


def summary_of(figures: Figures, verdict: Verdict, findings: Mapping[str, Any]) -> Summary:
    """Put together what was counted and what was judged.

    Raises:
        HistoryDamaged: no process told which run it took part in.
    """
    run = figures.run
    if run is None:
        raise HistoryDamaged("The history does not begin with a run: it was not written by a load test.")
    seconds = figures.seconds
    series = _series(figures, seconds)
    sending = _span(figures.sent, figures.sent)
    return Summary(
        at=datetime.fromtimestamp(run.wall, UTC).replace(microsecond=0),
        scenario=run.scenario,
        workload=run.workload,
        target=run.target,
        parameters=run.parameters,
        environment=run.environment,
        load_average_after=figures.load_average,
        processes=figures.processes,
        seconds=len(seconds),
        throughput=Throughput(
            seconds=sending,
            sent=_rate(verdict.sent, sending),
            acked=_rate(verdict.acked, _span(figures.sent, figures.acked)),
            delivered=_rate(verdict.shown, _span(figures.sent, figures.shown)),
            acked_peak=max(series.acked, default=0.0),
        ),
        connections=Connections(
            opened=figures.opened, broken=figures.broken, most=max(series.connections, default=0)
        ),
        requests=tuple(_requests(figures, run.workload)),
        errors=dict(figures.errors.most_common()),
        slowed=figures.slowed,
        slowed_seconds=round(figures.slowed_milliseconds / 1_000, 1),
        findings=dict(findings),
        series=series,
        verdict=verdict,
    )


def _requests(figures: Figures, workload: Workload) -> list[Request]:
    requests = []
    for kind in Kind:
        latencies = figures.latencies.get(kind)
        if latencies is None:
            continue
        values = [value for second in latencies.values() for value in second]
        latency = Latency.of(values)
        began = figures.service_times.get(kind, ()) if workload is Workload.OPEN else ()
        service_time = Latency.of(began)
        requests.append(
            Request(
                kind=kind,
                count=len(values),
                failed=figures.failed[kind],
                per_second=_rate(len(values), _span(latencies, latencies)),
                latency=latency,
                service_time=None if service_time == latency else service_time,
            )
        )
    return requests


def _series(figures: Figures, seconds: range) -> Series:
    step = max(1, math.ceil(len(seconds) / POINTS))
    steps = [
        range(start, min(start + step, seconds.stop)) for start in range(seconds.start, seconds.stop, step)
    ]
    held, connections = 0, []
    for each in steps:
        held += sum(figures.connected[second] for second in each)
        connections.append(held)

    def rates(counted: Mapping[int, int]) -> tuple[float, ...]:
        return tuple(_rate(sum(counted.get(second, 0) for second in each), len(each)) for each in steps)

    return Series(
        step=step,
        sent=rates(figures.sent),
        acked=rates(figures.acked),
        delivered=rates(figures.shown),
        errors=rates(figures.failures),
        connections=tuple(connections),
        latencies={kind: _points(found, steps) for kind, found in figures.latencies.items() if found},
    )


def _points(latencies: Mapping[int, array[float]], steps: list[range]) -> Points:
    found: list[tuple[float | None, float | None]] = []
    for each in steps:
        values = sorted(value for second in each for value in latencies.get(second, ()))
        found.append(
            (round(percentile(values, 50), 3), round(percentile(values, 99), 3)) if values else (None, None)
        )
    return Points(p50=tuple(p50 for p50, _ in found), p99=tuple(p99 for _, p99 in found))


def _span(first: Mapping[int, object], last: Mapping[int, object]) -> int:
    """The seconds from the first of one kind to the last of another, both included."""
    return max(1, max(last) - min(first) + 1) if first and last else 0


def _rate(count: int, seconds: int) -> float:
    return round(count / seconds, 2) if seconds else 0.0
