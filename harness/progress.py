"""Says what `up` does: a spinner on a terminal, plain lines where the output is piped."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress:
    """Steps, each with the time that it took."""

    def __init__(self, console: Console | None = None) -> None:
        """Report to the console, standard output unless given."""
        self.console = console or Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say that something is being done, and, once it is, how long it took."""
        began = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(what):
                yield
            self.console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - began:.1f} s[/]")
        else:
            self.console.print(f"{what} ...", end=" ")
            self.console.file.flush()
            yield
            self.console.print(f"{time.monotonic() - began:.1f} s")

    def say(self, text: str = "") -> None:
        """Print lines as they are."""
        self.console.print(text, markup=False)
