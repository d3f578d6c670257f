"""Comparing two runs: what is worse is found, and what may not be compared is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from rich.console import Console

from loadtest.compare import Comparison, Outcome, compare, show_comparison
from loadtest.figures import Figures
from loadtest.history import Acked, Kind, Measured, Sent, Workload
from loadtest.summary import summary_of
from tests.loadtest.forging import a_run, judge

if TYPE_CHECKING:
    from loadtest.history import AnyRecord
    from loadtest.summary import Summary

MILLISECOND = 1_000_000


def run_of(
    slower: float = 1.0, *, count: int = 1_000, kind: Kind = Kind.ACK, acked: int = 100, **parameters: float
) -> Summary:
    """A run of so many measurements, whose latencies are 1 to 100 ms, times `slower`."""
    figures = Figures()
    records: list[AnyRecord] = [a_run(parameters=dict(parameters))]
    for number in range(count):
        latency = int((number % 100 + 1) * slower * MILLISECOND)
        records.append(Measured(at=latency, kind=kind, intended=0, start=0))
    records.append(Sent(at=1, device="d", chat_id="c", id="m"))
    records += [Acked(at=1, device="d", chat_id="c", id=f"m{number}", seq=number) for number in range(acked)]
    for record in records:
        figures.take(record)
    return summary_of(figures, judge(records), {})


def breached(comparison: Comparison) -> set[str]:
    """The figures that are worse by more than the threshold."""
    return {ratio.name for ratio in comparison.ratios if comparison.breaches(ratio)}


def test_run_beside_itself_is_kept() -> None:
    """Every ratio is 1."""
    comparison = compare(run_of(), run_of())
    assert comparison.outcome is Outcome.KEPT
    assert {ratio.worse for ratio in comparison.ratios} == {1.0, None}


@pytest.mark.parametrize(
    ("slower", "threshold", "outcome"),
    [(1.1, 1.2, "kept"), (1.3, 1.2, "worse"), (1.3, 1.4, "kept"), (0.5, 1.2, "kept")],
)
def test_slower_run_fails_past_the_threshold(slower: float, threshold: float, outcome: str) -> None:
    """Faster never fails; slower fails where it is slower by more than was allowed."""
    comparison = compare(run_of(), run_of(slower), threshold=threshold)
    assert comparison.outcome == outcome
    assert bool(breached(comparison)) == (outcome == "worse")


def test_run_with_less_throughput_fails() -> None:
    """Less is worse here, and nothing at all is worst."""
    assert breached(compare(run_of(), run_of(acked=50))) == {"acked, a second"}
    assert breached(compare(run_of(), run_of(acked=0))) == {"acked, a second"}
    assert not breached(compare(run_of(acked=50), run_of()))


def test_percentile_of_few_measurements_is_told_and_decides_nothing() -> None:
    """One slow request of twenty is no 99th percentile."""
    comparison = compare(run_of(count=100), run_of(2.0, count=100))
    assert breached(comparison) == {"send to ack p50, ms", "send to ack p90, ms"}
    p99 = next(ratio for ratio in comparison.ratios if ratio.name == "send to ack p99, ms")
    assert p99.worse == pytest.approx(2.0, rel=0.01)
    assert not p99.counts


def test_run_that_measures_a_kind_no_more_is_not_comparable() -> None:
    """What is not there has no ratio, and a comparison that says nothing of it would pass."""
    comparison = compare(run_of(), run_of(kind=Kind.DELIVERED))
    assert comparison.outcome is Outcome.NOT_COMPARABLE
    assert "No send to ack succeeded any more." in comparison.obstacles


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scenario": "group"}, "The scenario was direct and is group."),
        ({"workload": Workload.OPEN}, "The workload was closed and is open."),
        ({"target": "aws"}, "The target was embedded and is aws."),
        ({"parameters": {"users": 9}}, "The parameter users was 5 and is 9."),
    ],
)
def test_other_run_is_not_comparable(changed: dict[str, object], said: str) -> None:
    """Another scenario, workload, target or number of users measures something else."""
    comparison = compare(run_of(users=5), msgspec.structs.replace(run_of(9.0, users=5), **changed))
    assert comparison.outcome is Outcome.NOT_COMPARABLE
    assert comparison.summary() == f"The runs cannot be compared: {said}"


def test_run_of_another_machine_is_not_comparable() -> None:
    """Half the cores, other figures."""
    new = run_of()
    elsewhere = msgspec.structs.replace(new.environment, cpu="another", cores=999)
    comparison = compare(run_of(), msgspec.structs.replace(new, environment=elsewhere))
    assert len(comparison.obstacles) == 2


def test_revision_and_versions_are_what_is_compared() -> None:
    """They are told, and are no obstacle; nor is how long was measured."""
    new = run_of(duration=30)
    later = msgspec.structs.replace(new.environment, revision="later", versions={"locust": "99"})
    comparison = compare(run_of(duration=60), msgspec.structs.replace(new, environment=later))
    assert comparison.outcome is Outcome.KEPT
    assert any(remark.startswith("revision: ") for remark in comparison.remarks)
    assert any(remark.startswith("locust: ") and remark.endswith("99 now.") for remark in comparison.remarks)


def test_comparison_is_plain_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    """It can be read by a script, and names what is worse."""
    show_comparison(compare(run_of(), run_of(2.0), name="old.json"), Console(width=40))
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    (row,) = [line.split() for line in printed.splitlines() if "ack p50, ms  " in line]
    assert row[4:] == ["ms", "50", "100", "2.00", "worse"]
    assert printed.splitlines()[-1].startswith("Worse by more than 1.2 times: send to ack p50, ms,")
