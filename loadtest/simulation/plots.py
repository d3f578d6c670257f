"""Plots of the simulations: storms, bursts, and real clients beside simulated ones."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from matplotlib import pyplot as plt

from loadtest.capacity.plots import save
from loadtest.simulation.burst import Burst, Load
from loadtest.simulation.measured import load_measured
from loadtest.simulation.storm import Gateway, Storm
from loadtest.simulation.validation import UNTHROTTLED, simulated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

    from loadtest.simulation.storm import Outcome

STEP = 5
"""Seconds that a point of a curve is an average of."""
RAISED = Gateway(connects=20_000, requests=100_000, request_burst=50_000)
"""What ten million users would have to ask AWS for."""
RAISED_CONCURRENCY = 20_000
BURSTS = (Load(usual=500, burst=5_000), Load(usual=500, burst=12_000))


def write_plots(folder: Path, seed: int) -> Iterator[Path]:
    """Simulate and write every plot as SVG; where they are."""
    yield save(validation(seed), folder / "scale-validation.svg")
    yield save(bursts(seed), folder / "scale-burst.svg")
    yield save(storms(seed), folder / "scale-storm.svg")


def storms(seed: int) -> Figure:
    """Who is connected and who is refused: 10^5 and 10^6 users by default quotas, 10^7 by raised ones."""
    shown = {
        "10⁵, default quotas": Storm(100_000, seed=seed),
        "10⁶, default quotas": Storm(1_000_000, seed=seed),
        "10⁷, raised quotas": Storm(10_000_000, seed=seed, gateway=RAISED, concurrency=RAISED_CONCURRENCY),
    }
    figure, (connected, refused) = plt.subplots(1, 2, figsize=(10, 5))
    for label, storm in shown.items():
        outcome = storm.run()
        points = outcome.connected.every(STEP, outcome.seconds)
        shares = [amount * STEP / outcome.users for amount in accumulate(amount for _, amount in points)]
        connected.plot([second + STEP for second, _ in points], shares, label=label)
        refused.plot(*zip(*_refused(outcome), strict=True), label=label)
    connected.set(xscale="log", xlabel="seconds after the loss", ylabel="share of the users connected")
    refused.set(xscale="log", yscale="log", xlabel="seconds after the loss", ylabel="refused a second")
    for axes in (connected, refused):
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
    return figure


def _refused(outcome: Outcome) -> list[tuple[int, float]]:
    """Refusals a second of whatever kind."""
    series = [each.every(STEP, outcome.seconds) for each in outcome.refused.values()]
    return [
        (points[0][0] + STEP, max(sum(amount for _, amount in points), 1e-1))
        for points in zip(*series, strict=True)
    ]


def bursts(seed: int) -> Figure:
    """Latency of the ack over time, and the environments behind it."""
    figure, (latency, environments) = plt.subplots(1, 2, figsize=(10, 5))
    for load, colour in zip(BURSTS, ("tab:blue", "tab:red"), strict=True):
        outcome = Burst(load, seed=seed).run()
        label = f"{load.usual:,.0f} to {load.burst:,.0f} messages/s"
        for share, line in ((0.5, "-"), (0.99, "--")):
            points = outcome.percentiles(share)
            latency.plot(*zip(*points, strict=True), line, color=colour, label=f"{label}, p{share * 100:.0f}")
        grown = outcome.environments[:: int(1 / 0.01)]
        environments.plot(*zip(*grown, strict=True), color=colour, label=label)
    latency.set(yscale="log", xlabel="seconds, when sent", ylabel="seconds until the ack")
    environments.set(xlabel="seconds", ylabel="execution environments of send_message")
    for axes in (latency, environments):
        axes.axvspan(BURSTS[0].begins, BURSTS[0].begins + BURSTS[0].lasts, alpha=0.1)
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
    return figure


def validation(seed: int) -> Figure:
    """Real clients beside simulated ones: how many are connected over time."""
    runs = load_measured()
    throttled = [run for run in runs if run.connects_per_second < UNTHROTTLED]
    figure, panels = plt.subplots(1, len(throttled), figsize=(10, 5), squeeze=False)
    for axes, run in zip(panels[0], throttled, strict=True):
        outcome = simulated(runs, run, seed, lost=True)
        curve = sorted(seconds for seconds, _ in outcome.to_connected.values)
        axes.step(run.returned.seconds, range(1, run.clients + 1), label="measured", color="black")
        axes.step(curve, range(1, run.clients + 1), label="simulated", color="tab:red")
        axes.set(
            xlabel="seconds after the loss",
            ylabel="clients connected",
            title=f"{run.clients} clients, {run.connects_per_second:g} connects/s",
        )
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
    return figure
