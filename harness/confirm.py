"""Asks whoever is at the terminal before something is done that cannot be undone."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How a command gets its answer: from who typed it, or from `--yes`."""

    given: bool = False
    """Whether the answer was given with the command: `--yes`."""
    can_ask: Callable[[], bool] = sys.stdin.isatty
    ask: Callable[[str], str] = input

    def require_possible(self) -> None:
        """Raise HarnessError, before anything is begun, where nobody could be asked."""
        if not self.given and not self.can_ask():
            raise HarnessError("Nobody can be asked here, since the input is no terminal: add --yes.")

    def agrees(self, question: str) -> bool:
        """Whether the answer to a question is yes; nothing but a yes is one."""
        return self.given or self.ask(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    def types(self, name: str, question: str) -> bool:
        """Whether the answer to a question is a name, letter by letter."""
        return self.given or self.ask(f"{question}: ").strip() == name
