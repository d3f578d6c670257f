"""The summary: percentiles and rates are those of the records, whatever process wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from loadtest.figures import SECOND, Figures
from loadtest.findings import Finding, findings_of
from loadtest.history import (
    Connected,
    Disconnected,
    Ended,
    Failed,
    History,
    HistoryDamaged,
    Kind,
    Measured,
    Refused,
    Slowed,
    Workload,
)
from loadtest.percentiles import Latency, percentile
from loadtest.summary import SummaryUnusable, read_summary, summarise, summary_of, write_summary
from loadtest.tables import show
from tests.loadtest.forging import Story, a_run, judge

if TYPE_CHECKING:
    from pathlib import Path

    from loadtest.history import AnyRecord
    from loadtest.summary import Summary

MILLISECOND = SECOND // 1_000


def summed_up(*files: list[AnyRecord], workload: Workload = Workload.CLOSED) -> Summary:
    """Sum up histories as if each were read from a file that begins at second 0."""
    figures = Figures()
    for records in files:
        figures.begin("")
        figures.take(a_run(workload=workload))
        for record in records:
            figures.take(record)
        figures.end(torn=False)
    return summary_of(figures, judge(), {"knee": 7})


def test_percentiles_are_those_of_the_values() -> None:
    """To three digits, from below a millisecond to minutes; the histogram is kept for whoever wants more."""
    latency = Latency.of([0.25, *range(1, 1_001), 120_000.0])
    assert latency is not None
    told = (latency.p50, latency.p90, latency.p99, latency.p999, latency.maximum)
    assert told == pytest.approx((500, 901, 991, 1_000, 120_000), rel=0.002)
    curve = latency.curve()
    assert curve == sorted(curve)
    assert curve[0][1] < 10
    assert curve[-1][1] == pytest.approx(120_000, rel=0.002)


def test_percentile_of_few_is_one_of_them() -> None:
    """The smallest value that so many percent do not exceed."""
    assert [percentile([1, 2, 3, 4], percent) for percent in (0, 50, 51, 99, 100)] == [1, 2, 3, 4, 4]


def test_latency_of_an_open_workload_counts_from_when_it_was_due() -> None:
    """Waiting for one's turn counts; what a request took by itself is told beside it."""
    record = Measured(at=9 * MILLISECOND, kind=Kind.ACK, intended=MILLISECOND, start=6 * MILLISECOND)
    (request,) = summed_up([record], workload=Workload.OPEN).requests
    assert request.latency is not None
    assert request.service_time is not None
    assert (request.latency.p50, request.service_time.p50) == pytest.approx((8, 3), rel=0.002)


def test_failed_requests_have_no_latency_and_are_counted_by_code() -> None:
    """What failed fast does not make a run look fast."""
    summary = summed_up(
        [
            Measured(at=5, kind=Kind.CONNECT, intended=1, start=1, error="401"),
            Measured(at=9, kind=Kind.ACK, intended=1, start=1, error="blocked"),
            Refused(at=9, device="d", chat_id="c", id="m", code="blocked", definite=True),
            Failed(at=9, device="d", code="internal_error"),
            Failed(at=9, device="d", code="internal_error"),
            Slowed(at=9, device="d", milliseconds=1_500),
        ]
    )
    assert [(request.kind, request.count, request.failed) for request in summary.requests] == [
        ("connect", 0, 1),
        ("send to ack", 0, 1),
    ]
    assert all(request.latency is None for request in summary.requests)
    assert summary.errors == {
        "frame answered: internal_error": 2,
        "connect: 401": 1,
        "message refused: blocked": 1,
    }
    assert (summary.slowed, summary.slowed_seconds) == (1, 1.5)


def connections(summary: Summary) -> list[int]:
    """How many there were at the end of each second in which something happened."""
    return list(summary.series.connections)[-6:]


def test_connections_are_counted_over_time_and_processes() -> None:
    """A device counts once; one whose process ends is gone with it."""
    base = a_run().at // SECOND * SECOND
    first: list[AnyRecord] = [
        Connected(at=base, device="a"),
        Connected(at=base + SECOND, device="b"),
        Connected(at=base + SECOND, device="b"),
        Disconnected(at=base + 3 * SECOND, device="a", reason="1006"),
        Disconnected(at=base + 3 * SECOND, device="a", reason=""),
        Ended(at=base + 4 * SECOND, device="b", waited_since=None, cursors={}),
    ]
    second: list[AnyRecord] = [
        Connected(at=base + 2 * SECOND, device="c"),
        Failed(at=base + 5 * SECOND, device="c", code="x"),
    ]
    summary = summed_up(first, second)
    assert connections(summary) == [1, 2, 3, 2, 1, 0]
    assert (summary.connections.opened, summary.connections.broken, summary.connections.most) == (3, 1, 3)
    assert summary.processes == 2


def test_long_run_is_told_in_longer_steps(tmp_path: Path) -> None:
    """An hour has no more points than ten minutes; rates stay rates."""
    history = History(tmp_path / "a.history.jsonl")
    run = a_run()
    history.write(run)
    for second in range(3_600):
        for place in (1, 2):
            at = run.at + second * SECOND
            history.write(Measured(at=at, kind=Kind.ACK, intended=at - place * MILLISECOND, start=at))
    history.close()
    summary = summarise(tmp_path)
    assert summary.series.step in {6, 7}
    points = summary.series.latencies[Kind.ACK]
    assert len(points.p50) == len(summary.series.acked) <= 600
    assert set(points.p50[1:-1]) == {1.0}
    assert set(points.p99[1:-1]) == {2.0}


def test_summary_read_again_is_the_same(tmp_path: Path) -> None:
    """One file holds all that a report and a comparison need."""
    story = Story()
    story.join("ann.1")
    story.send("ann.1", "m1")
    story.ack("ann.1", "m1", 1)
    story.show("ghost", 1, "ann", "ann.1")
    figures = Figures()
    figures.take(a_run(workload=Workload.OPEN, parameters={"users": 2}))
    summary = summary_of(figures, judge(story.close()), {"knee": 7})
    write_summary(tmp_path / "s" / "summary.json", summary)
    assert read_summary(tmp_path / "s" / "summary.json") == summary


def test_summary_of_another_format_is_refused(tmp_path: Path) -> None:
    """Neither a missing file nor any other JSON is taken for one; the reader is told what to do."""
    with pytest.raises(SummaryUnusable, match="No such file"):
        read_summary(tmp_path / "summary.json")
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(SummaryUnusable, match="is no summary"):
        read_summary(tmp_path / "summary.json")


def test_history_that_begins_with_no_run_is_refused(tmp_path: Path) -> None:
    """What it is a history of is not known."""
    history = History(tmp_path / "a.history.jsonl")
    history.close()
    with pytest.raises(HistoryDamaged, match="does not begin with a run"):
        summarise(tmp_path)


def test_table_is_plain_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    """No colours, no cut columns: it can be read by a script."""
    record = Measured(at=12_000_000, kind=Kind.DELIVERED, intended=0, start=0)
    show(summed_up([record]), Console(width=40))
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    (row,) = [line.split() for line in printed.splitlines() if "send to delivered" in line]
    assert row[3:] == ["1", "1.0", "0", *["12"] * 5]


def test_throughput_is_counted_until_the_last_of_each_kind(tmp_path: Path) -> None:
    """What was sent at once and acked within five seconds was not acked at the speed of sending."""
    story = Story()
    story.begin()
    story.join("ann.1", "bob.1")
    for number in range(10):
        story.send("ann.1", f"m{number}")
    for number in range(10):
        story.now += SECOND // 2
        story.ack("ann.1", f"m{number}", number + 1)
    history = History(tmp_path / "a.history.jsonl")
    for record in story.close():
        history.write(record)
    history.close()
    throughput = summarise(tmp_path).throughput
    assert (throughput.seconds, throughput.sent, throughput.acked) == (1, 10.0, 1.67)


def test_findings_are_said_as_tables_and_values() -> None:
    """Rows become a table, in the terminal as on the page; a value stands by its name."""
    steps = [{"rate": 10.0, "met": True}, {"rate": 20.0, "met": False}]
    told = list(findings_of({"steps": steps, "knee": 10.0}))
    assert told == [
        Finding("steps", "", ("rate", "met"), (("10", "yes"), ("20", "no"))),
        Finding("knee", "10"),
    ]
