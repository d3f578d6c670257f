"""What takes its time in the terminal chat: shown after a moment, with for how long and how far it is."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .lines import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.text import Text

AFTER = 2.0
"""Seconds after which what goes on is shown."""
EVERY = 1.0
"""Seconds between two looks at how far it is."""


class Working:
    """One thing at a time goes on."""

    def __init__(self, refresh: Callable[[], None], *, after: float = AFTER, every: float = EVERY) -> None:
        """Have what is shown drawn anew by `refresh`, first after so many seconds."""
        self._refresh = refresh
        self._after = after
        self._every = every
        self._name = ""
        self._began = 0.0
        self._shown = False
        self._share: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Show, once it has taken a while, that this goes on as long as the block lasts."""
        loop = asyncio.get_running_loop()
        self._name, self._began, self._share = name, loop.time(), None
        self._timer = loop.call_later(self._after, self._show)
        try:
            yield
        finally:
            self._timer.cancel()
            self._shown = False

    def progress(self, done: int, whole: int) -> None:
        """Note how far it is; `whole` is 0 where nobody knows."""
        self._share = done / whole if whole else None

    @property
    def lines(self) -> list[Text]:
        """What is to be shown of it now."""
        if not self._shown:
            return []
        share = "" if self._share is None else f", {self._share:.0%}"
        seconds = asyncio.get_running_loop().time() - self._began
        return [said(f"{self._name} … {seconds:.0f} s{share}", "dim")]

    def _show(self) -> None:
        self._shown = True
        self._refresh()
        self._timer = asyncio.get_running_loop().call_later(self._every, self._show)
