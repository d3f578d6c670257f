"""A run for a terminal: the table of what users felt, what flowed, what failed, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .findings import findings_of
from .history import Workload
from .verdict.telling import tell

if TYPE_CHECKING:
    from .findings import Finding
    from .summary import Summary

COUNTED_FROM = {
    Workload.OPEN: "open workload: counted from when each request was due",
    Workload.CLOSED: "closed workload: each user waits for the answer before the next request",
}

_FILE_WIDTH = 160


def show(summary: Summary, console: Console) -> None:
    """Print a run."""
    print_table(requests_table(summary), console)
    for line in facts(summary):
        console.print(escape(line), soft_wrap=True, highlight=False)
    tell(summary.verdict, console)
    for finding in findings_of(summary.findings):
        if finding.columns:
            print_table(_rows_table(finding), console)
        else:
            console.print(f"{finding.name}: {finding.value}", highlight=False, markup=False, soft_wrap=True)


def show_markdown(summary: Summary, console: Console) -> None:
    """Print the figures of a run as documents hold them."""
    rows = [_rows_table(finding) for finding in findings_of(summary.findings) if finding.columns]
    for table in (requests_table(summary), *rows):
        table.title, table.box, table.pad_edge = None, box.MARKDOWN, True
        Console(file=console.file, width=_FILE_WIDTH).print(table)
    for line in facts(summary):
        console.print(escape(line), soft_wrap=True, highlight=False)


def _rows_table(finding: Finding) -> Table:
    table = new_table(finding.name, *finding.columns)
    for row in finding.rows:
        table.add_row(*row)
    return table


def new_table(title: str, *columns: str) -> Table:
    """Begin a table whose first column is text and whose others are figures."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if table.columns else "left", no_wrap=True)
    return table


def print_table(table: Table, console: Console) -> None:
    """Print a table; a file is as wide as it must be."""
    wide = console if console.is_terminal else Console(file=console.file, width=_FILE_WIDTH)
    wide.print(table)


def requests_table(summary: Summary) -> Table:
    """Say how long each kind of request took."""
    title = f"{summary.scenario}, milliseconds; {COUNTED_FROM[summary.workload]}"
    table = new_table(title, "request", "count", "per s", "failed", "p50", "p90", "p99", "p99.9", "max")
    for request in summary.requests:
        row = [str(request.kind), f"{request.count:,}", f"{request.per_second:,.1f}", f"{request.failed:,}"]
        if (latency := request.latency) is None:
            row += ["-"] * 5
        else:
            row += map(milliseconds, (latency.p50, latency.p90, latency.p99, latency.p999, latency.maximum))
        table.add_row(*row)
    return table


def facts(summary: Summary) -> list[str]:
    """Say what flowed and what failed, a sentence a line."""
    flow, connections = summary.throughput, summary.connections
    acked = f"{flow.acked:,.1f} acked/s (best {flow.acked_peak:,.1f})"
    said = [
        f"{flow.sent:,.1f} sent/s over {flow.seconds:,} s, {acked}, {flow.delivered:,.1f} delivered/s.",
        f"{connections.opened:,} connections, {connections.most:,} at once, {connections.broken:,} broken.",
    ]
    said += [f"{count:,} x {what}" for what, count in summary.errors.items()]
    if summary.slowed:
        said.append(f"{summary.slowed:,} times a device had to wait, {summary.slowed_seconds:,.1f} s in all.")
    return said


def milliseconds(value: float) -> str:
    """Write a duration with three digits or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004
