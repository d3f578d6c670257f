"""The plots of a report: latency, percentiles, throughput, connections and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from loadtest.tables import milliseconds

from .theme import ALARM, DASHES, INK, LINES, QUIET, canvas, svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from loadtest.history import Kind
    from loadtest.summary import Summary

_WIDE, _NARROW = (10.6, 3.3), (4.6, 3.4)
"""Inches: for a desk and for a hand."""
_PERCENTILES = (0, 50, 90, 99, 99.9, 99.99, 99.999)
_MINUTES = 180
"""Seconds from which on the axis of time counts minutes."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot and what it shows, for those who see it and those who do not."""

    name: str
    title: str
    said: str
    """What is to be seen, in a sentence."""
    wide: str
    narrow: str


def plots_of(summary: Summary) -> list[Plot]:
    """Draw all that there is to draw."""
    drawn = []
    if any(_measured(summary)):
        drawn.append(_drawn("latency", "Latency over time", _latency_said(summary), summary, _draw_latency))
        drawn.append(
            _drawn(
                "percentiles", "Latency by percentile", _percentiles_said(summary), summary, _draw_percentiles
            )
        )
    drawn.append(_drawn("throughput", "Throughput", _throughput_said(summary), summary, _draw_throughput))
    drawn.append(_drawn("connections", "Connections", _connections_said(summary), summary, _draw_connections))
    drawn.append(_drawn("errors", "Errors", _errors_said(summary), summary, _draw_errors))
    return drawn


def _drawn(name: str, title: str, said: str, summary: Summary, draw: Callable[[Summary, Axes], None]) -> Plot:
    sizes = []
    for width, height in (_WIDE, _NARROW):
        with canvas(width, height) as (figure, axes):
            draw(summary, axes)
            if len(axes.get_legend_handles_labels()[0]) > 1:
                figure.legend(loc="outside upper left", ncols=4 if width > height * 2 else 2)
            size = "wide" if width > height * 2 else "narrow"
            sizes.append(svg(figure, f"{name}-{size}", f"{name}-said"))
    return Plot(name, title, said, *sizes)


def _measured(summary: Summary) -> list[Kind]:
    return [request.kind for request in summary.requests if request.latency is not None]


def _times(summary: Summary, axes: Axes) -> list[float]:
    """Set the axis of time up and return where its steps are."""
    series = summary.series
    length = len(series.connections) * series.step
    axes.set_xlim(0, max(1, length))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=2))
    if length > _MINUTES:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 3, 6, 10], integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{int(at) // 60}:{int(at) % 60:02}"))
    axes.set_xlabel("minutes" if length > _MINUTES else "seconds")
    return [number * series.step + series.step / 2 for number in range(len(series.connections))]


def _log_milliseconds(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=9))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: milliseconds(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", which="minor", left=False)


def _draw_latency(summary: Summary, axes: Axes) -> None:
    times = _times(summary, axes)
    for number, kind in enumerate(_measured(summary)):
        points = summary.series.latencies[kind]
        p50, p99 = _gaps(points.p50), _gaps(points.p99)
        colour, dashes = LINES[number], DASHES[number]
        axes.plot(times, p99, color=colour, linestyle=dashes, label=f"{kind}, p99")
        alone = _alone(points.p99)
        axes.plot(
            [times[n] for n in alone],
            [p99[n] for n in alone],
            color=colour,
            marker="o",
            markersize=3,
            linestyle="",
        )
        axes.fill_between(times, p50, p99, color=colour, alpha=0.13, linewidth=0)
        axes.plot(times, p50, color=colour, linestyle=dashes, linewidth=0.9, alpha=0.75)
    _log_milliseconds(axes)


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else max(value, 0.01) for value in values]


def _alone(values: Sequence[float | None]) -> list[int]:
    """Where a value has no neighbour to draw a line to."""
    around = (None, *values, None)
    return [
        number
        for number, value in enumerate(values)
        if value is not None and around[number] is None and around[number + 2] is None
    ]


def _latency_said(summary: Summary) -> str:
    said = []
    for kind in _measured(summary):
        p99 = [value for value in summary.series.latencies[kind].p99 if value is not None]
        said.append(f"{kind}: p99 between {milliseconds(min(p99))} and {milliseconds(max(p99))} ms")
    step = "second" if summary.series.step == 1 else f"{summary.series.step} seconds"
    return f"Upper lines: the 99th percentile of each {step}; thin lines: the median. {'; '.join(said)}."


def _draw_percentiles(summary: Summary, axes: Axes) -> None:
    """HDR histogram's own plot: each step to the right is a tenfold rarer request."""
    furthest = 90.0
    for number, request in enumerate(request for request in summary.requests if request.latency):
        assert request.latency is not None  # noqa: S101 - for the type checker
        curve = request.latency.curve()
        furthest = max(furthest, curve[-1][0])
        rarity = [1 / (1 - percent / 100) for percent, _ in curve]
        values = [max(value, 0.01) for _, value in curve]
        axes.plot(rarity, values, color=LINES[number], linestyle=DASHES[number], label=str(request.kind))
        axes.plot(rarity[-1:], values[-1:], color=LINES[number], marker="o", markersize=4)
    ticks = [percent for percent in _PERCENTILES if percent <= furthest]
    axes.set_xscale("log")
    axes.set_xlim(1, 1 / (1 - furthest / 100))
    axes.set_xticks([1 / (1 - percent / 100) for percent in ticks], [f"{percent:g} %" for percent in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", bottom=False)
    axes.grid(visible=True, axis="x", which="major")
    axes.set_xlabel("requests that were faster")
    _log_milliseconds(axes)


def _percentiles_said(summary: Summary) -> str:
    said = [
        f"{request.kind}: half within {milliseconds(request.latency.p50)},"
        f" 99 % within {milliseconds(request.latency.p99)} ms"
        for request in summary.requests
        if request.latency is not None
    ]
    return f"{'; '.join(said)}."


def _draw_throughput(summary: Summary, axes: Axes) -> None:
    times, series = _times(summary, axes), summary.series
    for number, (name, values) in enumerate(
        {"sent": series.sent, "acked": series.acked, "delivered to devices": series.delivered}.items()
    ):
        axes.plot(times, values, color=LINES[number], linestyle=DASHES[number], label=name)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("messages a second")


def _throughput_said(summary: Summary) -> str:
    flow = summary.throughput
    return (
        f"On average {flow.acked:,.1f} messages acked and {flow.delivered:,.1f} delivered a second;"
        f" at best {flow.acked_peak:,.1f} acked."
    )


def _draw_connections(summary: Summary, axes: Axes) -> None:
    times = _times(summary, axes)
    axes.fill_between(times, summary.series.connections, color=LINES[0], alpha=0.16, linewidth=0, step="mid")
    axes.step(times, summary.series.connections, color=LINES[0], where="mid")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_ylabel("open connections")


def _connections_said(summary: Summary) -> str:
    found = summary.connections
    return f"{found.most:,} at once, {found.opened:,} opened in all, {found.broken:,} broke off."


def _draw_errors(summary: Summary, axes: Axes) -> None:
    times = _times(summary, axes)
    axes.bar(times, summary.series.errors, width=summary.series.step * 0.9, color=ALARM, linewidth=0)
    axes.set_ylabel("errors a second")
    axes.set_ylim(bottom=0, top=None if any(summary.series.errors) else 1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    if not summary.errors:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color=QUIET)
    axes.spines["bottom"].set_color(INK if summary.errors else QUIET)


def _errors_said(summary: Summary) -> str:
    if not summary.errors:
        return "There were none."
    return f"{sum(summary.errors.values()):,} in all; the table below names them."
