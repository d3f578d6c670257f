"""How the run is going: one line that is kept up to date on a terminal, one a second where it is piped."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from .history import Kind
from .meter import Meter
from .stage import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conductor import Conductor


@contextmanager
def progress(conductor: Conductor, console: Console | None = None) -> Iterator[Callable[[], None]]:
    """Give what is to be called each second to show how far the run has got."""
    console = console or Console(highlight=False, soft_wrap=True)
    if console.is_terminal:
        with console.status("") as status:
            yield lambda: status.update(line(conductor))
    else:
        yield lambda: console.print(line(conductor), markup=False)


def line(conductor: Conductor) -> str:
    """Say in one line what the last seconds were like."""
    if conductor.phase is Phase.GATHERING:
        return f"connecting {conductor.told['ready']} of {conductor.settings.users}"
    said = f"{conductor.phase.name.lower()} {conductor.elapsed:.0f} s"
    if conductor.phase is Phase.SENDING:
        said += f" of {conductor.settings.duration:g}"
    recent = Meter()
    for meter in conductor.recent:
        recent.include(meter)
    acked, delivered = recent.row(Kind.ACK), recent.row(Kind.DELIVERED)
    seconds = max(1, len(conductor.recent))
    failures = sum(row.failures for row in conductor.total.rows.values())
    return (
        f"{said}  acked {acked.count / seconds:.1f}/s p50 {acked.percentile(50):.0f} "
        f"p99 {acked.percentile(99):.0f} ms  delivered {delivered.count / seconds:.1f}/s "
        f"p50 {delivered.percentile(50):.0f} p99 {delivered.percentile(99):.0f} ms  "
        f"slowed {conductor.total.row('slow down').count}  failures {failures}"
    )
