"""A verdict in plain words, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

if TYPE_CHECKING:
    from rich.console import Console

    from .violations import Verdict


def tell(verdict: Verdict, console: Console) -> None:
    """Say how the run was judged: the sum of it, what was not judged, and the violations."""
    style = "red" if verdict.broken else "green"
    console.print(f"[{style}]{escape(verdict.summary())}[/]", soft_wrap=True, highlight=False)
    for note in verdict.notes():
        console.print(f"  {escape(note)}", soft_wrap=True, highlight=False)
    for violation in verdict.violations:
        console.print(f"[red]{violation.rule}[/]: {escape(str(violation))}", soft_wrap=True, highlight=False)
    told = sum(violation.device_count for violation in verdict.violations)
    if more := sum(verdict.broken.values()) - told:
        console.print(f"... and {more:,} more.", soft_wrap=True, highlight=False)
