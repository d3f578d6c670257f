"""Compares two runs by their summaries: how many times worse, and whether that may be said at all."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from .tables import milliseconds, new_table, print_table

if TYPE_CHECKING:
    from rich.console import Console

    from .summary import Request, Summary

THRESHOLD = 1.2
"""How many times worse a figure may be."""
SAMPLES = {"p50": 20, "p90": 100, "p99": 1_000}
"""How many measurements a percentile needs on both sides to be held against the threshold: ten beyond it."""
_LEAST = 0.01
_OF_NO_WEIGHT = {"duration", "patience", "p99Limit", "seed", "spawnRate", "stragglers"}
"""Parameters that do not change what a user feels."""


class Outcome(StrEnum):
    """How a comparison ended."""

    KEPT = "kept"
    """No figure is worse by more than the threshold."""
    WORSE = "worse"
    NOT_COMPARABLE = "not comparable"
    """The runs differ in what they measured or where: their ratios say nothing of Parley."""


class Ratio(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One figure of both runs."""

    name: str
    old: float
    new: float
    worse: float | None
    """How many times worse the new one is: below 1 it is better. None where both are 0."""
    counts: bool
    """Whether it is held against the threshold; not where too little was measured."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A run beside an older one."""

    old: str
    """What the older one is called."""
    threshold: float
    ratios: tuple[Ratio, ...]
    obstacles: tuple[str, ...]
    """Why the runs cannot be compared, a sentence each."""
    remarks: tuple[str, ...]
    """What else differs: that is what may be compared by it."""

    def breaches(self, ratio: Ratio) -> bool:
        """Whether a figure is worse by more than the threshold."""
        return ratio.counts and ratio.worse is not None and ratio.worse > self.threshold

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.obstacles:
            return Outcome.NOT_COMPARABLE
        return Outcome.WORSE if any(map(self.breaches, self.ratios)) else Outcome.KEPT

    def summary(self) -> str:
        """Say in one sentence how it ended."""
        if self.outcome is Outcome.NOT_COMPARABLE:
            return f"The runs cannot be compared: {' '.join(self.obstacles)}"
        worse = [ratio.name for ratio in self.ratios if self.breaches(ratio)]
        if worse:
            return f"Worse by more than {self.threshold:g} times: {', '.join(worse)}."
        return f"No figure is worse by more than {self.threshold:g} times."


def compare(old: Summary, new: Summary, *, threshold: float = THRESHOLD, name: str = "") -> Comparison:
    """Put a run beside an older one, which is called by `name` or else by its time."""
    return Comparison(
        old=name or f"{old.scenario} of {old.at:%Y-%m-%d %H:%M:%S}",
        threshold=threshold,
        ratios=tuple(_ratios(old, new)),
        obstacles=tuple(_obstacles(old, new)),
        remarks=tuple(_remarks(old, new)),
    )


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Print a comparison."""
    table = new_table(f"beside {comparison.old}", "", "old", "new", "times worse", "")
    for ratio in comparison.ratios:
        mark = "worse" if comparison.breaches(ratio) else "" if ratio.counts else "too few to tell"
        style = "red" if comparison.breaches(ratio) else ""
        worse = "-" if ratio.worse is None else f"{ratio.worse:.2f}"
        table.add_row(ratio.name, milliseconds(ratio.old), milliseconds(ratio.new), worse, mark, style=style)
    print_table(table, console)
    for remark in comparison.remarks:
        console.print(f"  {remark}", soft_wrap=True, highlight=False, markup=False)
    style = "green" if comparison.outcome is Outcome.KEPT else "red"
    console.print(comparison.summary(), style=style, soft_wrap=True, highlight=False, markup=False)


def _ratios(old: Summary, new: Summary) -> list[Ratio]:
    before = {request.kind: request for request in old.requests}
    found = []
    for request in new.requests:
        if request.kind in before:
            found += _latency_ratios(before[request.kind], request)
    for name in ("acked", "delivered"):
        was, now = getattr(old.throughput, name), getattr(new.throughput, name)
        found.append(Ratio(name=f"{name}, a second", old=was, new=now, worse=_times(was, now), counts=True))
    return found


def _latency_ratios(old: Request, new: Request) -> list[Ratio]:
    if old.latency is None or new.latency is None:
        return []
    found = []
    for percentile, samples in SAMPLES.items():
        was, now = getattr(old.latency, percentile), getattr(new.latency, percentile)
        counts = min(old.count, new.count) >= samples
        name = f"{new.kind} {percentile}, ms"
        found.append(Ratio(name=name, old=was, new=now, worse=_times(now, was), counts=counts))
    return found


def _times(figure: float, other: float) -> float | None:
    """How many times the other a figure is; one that was rounded to 0 counts as the least there is."""
    return figure / max(other, _LEAST) if figure or other else None


def _obstacles(old: Summary, new: Summary) -> list[str]:
    sides = {
        "scenario": (old.scenario, new.scenario),
        "workload": (old.workload, new.workload),
        "target": (old.target, new.target),
        "CPU": (old.environment.cpu, new.environment.cpu),
        "number of cores": (old.environment.cores, new.environment.cores),
        **{
            f"parameter {name}": (old.parameters.get(name), new.parameters.get(name))
            for name in sorted(old.parameters.keys() | new.parameters.keys())
            if name not in _OF_NO_WEIGHT
        },
    }
    gone = {request.kind for request in old.requests if request.latency}
    gone -= {request.kind for request in new.requests if request.latency}
    return [
        *(f"The {what} was {was} and is {now}." for what, (was, now) in sides.items() if was != now),
        *(f"No {kind} succeeded any more." for kind in sorted(gone)),
    ]


def _remarks(old: Summary, new: Summary) -> list[str]:
    was, now = old.environment, new.environment
    versions = sorted(was.versions.keys() | now.versions.keys())
    sides = {
        "revision": (was.revision, now.revision),
        "Python": (was.python, now.python),
        "system": (was.system, now.system),
        **{name: (was.versions.get(name), now.versions.get(name)) for name in versions},
        "load average at the beginning": (was.load_average, now.load_average),
        "errors": (sum(old.errors.values()), sum(new.errors.values())),
    }
    return [
        f"{what}: {before} before, {after} now." for what, (before, after) in sides.items() if before != after
    ]
