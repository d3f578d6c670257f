"""What simulations did, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.simulation.burst import BurstOutcome
    from loadtest.simulation.storm import Outcome
    from loadtest.simulation.validation import Comparison

SHARES = (0.5, 0.9, 0.99, 1.0)


def storm_figures(outcome: Outcome) -> dict[str, Any]:
    """A storm's figures; times in seconds."""
    return {
        "users": outcome.users,
        "batch": outcome.batch,
        "connected": dict(zip(map(str, SHARES), outcome.to_connected.percentiles(SHARES), strict=True)),
        "level": dict(zip(map(str, SHARES), outcome.to_level.percentiles(SHARES), strict=True)),
        "attemptsPerUser": outcome.attempts / outcome.users,
        "ticketRequestsPerUser": outcome.asked_for_tickets / outcome.users,
        "refused": outcome.refusals(),
        "environments": outcome.environments,
    }


def storm_table(outcome: Outcome) -> Table:
    """A storm's figures to read."""
    table = Table(
        title=f"{outcome.users:,} users come back, in batches of {outcome.batch:,}", title_justify="left"
    )
    table.add_column("of the users")
    table.add_column("connected after", justify="right")
    table.add_column("level after", justify="right")
    connected, level = outcome.to_connected.percentiles(SHARES), outcome.to_level.percentiles(SHARES)
    for share, one, other in zip(SHARES, connected, level, strict=True):
        table.add_row(f"{share:.0%}", f"{one:,.1f} s", f"{other:,.1f} s")
    table.add_section()
    table.add_row("attempts a user", f"{outcome.attempts / outcome.users:,.1f}")
    table.add_row("requests for a ticket", f"{outcome.asked_for_tickets / outcome.users:,.1f} a user")
    for why, count in sorted(outcome.refusals().items()):
        table.add_row(f"refused: {why}", f"{count:,.0f}")
    return table


def burst_figures(outcome: BurstOutcome) -> dict[str, Any]:
    """A burst's figures by the second in which messages were sent; times in seconds."""
    return {
        "messages": outcome.sent.total,
        "throttled": {why: series.total for why, series in outcome.throttled.items()},
        "p50": outcome.percentiles(0.5),
        "p99": outcome.percentiles(0.99),
        "environments": outcome.environments[-1][1],
    }


def burst_table(outcome: BurstOutcome) -> Table:
    """A burst's figures to read, every fifth second."""
    title = f"{outcome.sent.total:,.0f} messages, {outcome.environments[-1][1]:,} environments"
    table = Table(title=title, title_justify="left")
    for name in ("sent in second", "messages", "ack p50", "ack p99"):
        table.add_column(name, justify="right")
    halves, most = dict(outcome.percentiles(0.5)), dict(outcome.percentiles(0.99))
    for second in sorted(halves)[::5]:
        sent = outcome.sent.seconds[second]
        table.add_row(str(second), f"{sent:,.0f}", f"{halves[second]:.2f} s", f"{most[second]:.2f} s")
    table.add_section()
    for why, series in sorted(outcome.throttled.items()):
        table.add_row(f"throttled: {why}", f"{series.total:,.0f}")
    return table


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """Measured beside simulated."""
    table = Table(title="Real clients on localcloud, and the simulation of them", title_justify="left")
    for name in ("clients", "quota/s", "storm", "figure", "measured", "simulated", "error"):
        table.add_column(name, justify="left" if name in ("storm", "figure") else "right")
    for one in comparisons:
        table.add_row(
            str(one.clients),
            f"{one.connects_per_second:g}",
            one.phase,
            one.figure,
            f"{one.measured:.1f}",
            f"{one.simulated:.1f} ± {one.deviation:.1f}",
            f"{one.error:+.0%}",
        )
    return table
