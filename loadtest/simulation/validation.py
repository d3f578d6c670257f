"""The simulation beside what real clients did on this machine: how far it is off."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadtest.simulation.storm import Gateway, Machine, Outcome, Storm, Times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.simulation.measured import Measured, Phase

SEEDS = 20
UNTHROTTLED = 500
"""The quota of the run that tells what a connection takes the machine."""
_LOCAL = Times(
    round_trip=0.002, ticket=0.0, authorize=0.0, connect=0.0, sync=0.0, listing=0.0, cold_start=0.0
)
"""On this machine the time of everything is the machine's."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of one storm, measured and simulated."""

    clients: int
    connects_per_second: float
    phase: str
    figure: str
    measured: float
    simulated: float
    """The mean over the seeds."""
    deviation: float
    """Between the seeds."""

    @property
    def error(self) -> float:
        """Of the simulation, as a share of what was measured."""
        return self.simulated / self.measured - 1 if self.measured else self.simulated


def compare(runs: Sequence[Measured]) -> list[Comparison]:
    """Simulate every throttled run as often as there are seeds.

    Raises:
        StopIteration: none of the runs was unthrottled, so nothing says what a connection takes the machine.
    """
    found = []
    for run in runs:
        if run.connects_per_second >= UNTHROTTLED:
            continue
        for name, phase in (("came", run.came), ("returned", run.returned)):
            outcomes = [simulated(runs, run, seed, lost=name == "returned") for seed in range(SEEDS)]
            found += _compared(run, name, phase, outcomes)
    return found


def simulated(runs: Sequence[Measured], run: Measured, seed: int, *, lost: bool) -> Outcome:
    """The storm of a run, on a machine that is as fast as the unthrottled run and its own tickets show."""
    free = next(each for each in runs if each.connects_per_second >= UNTHROTTLED)
    connection = free.returned.seconds[-1] / free.clients - free.ticket_seconds
    machine = Machine(ticket=run.ticket_seconds, refusal=run.refusal_seconds, connection=max(0.0, connection))
    gateway = Gateway(connects=run.connects_per_second)
    storm = Storm(run.clients, seed=seed, gateway=gateway, times=_LOCAL, first_delay=lost, machine=machine)
    return storm.run()


def _compared(run: Measured, name: str, phase: Phase, outcomes: Sequence[Outcome]) -> list[Comparison]:
    """Half of the clients, nine of ten and all connected, and how often they were refused."""
    shares = {"half connected, s": 0.5, "nine tenths connected, s": 0.9, "all connected, s": 1.0}
    found = []
    for figure, share in shares.items():
        place = max(0, round(share * run.clients) - 1)
        values = [outcome.to_connected.percentiles([share])[0] for outcome in outcomes]
        found.append(_figure(run, name, figure, phase.seconds[place], values))
    values = [outcome.refusals().get("connects", 0.0) for outcome in outcomes]
    found.append(_figure(run, name, "refused connects", phase.refused.get("HTTP 429", 0), values))
    return found


def _figure(run: Measured, name: str, figure: str, measured: float, values: Sequence[float]) -> Comparison:
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    return Comparison(run.clients, run.connects_per_second, name, figure, measured, mean, deviation)
