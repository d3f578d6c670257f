"""Tickets that opened nothing: who was refused before a ticket was spent tries again with the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tokens import Claims

GOOD_FOR: Final = 45.0
"""Seconds: the service gives a ticket 60, some of which pass on the way here and back."""


class Ticket(NamedTuple):
    """A ticket, the claims of the token that it stands for, and until when it opens a connection."""

    ticket: str
    claims: Claims
    good_until: float
    """By the clock of who keeps it."""


class Tickets:
    """Keeps one ticket at most, since a client opens one connection at a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Reckon by `clock`, in seconds, which never goes back."""
        self._clock = clock
        self._kept: Ticket | None = None

    def got(self, ticket: str, claims: Claims) -> Ticket:
        """Say until when a ticket is good that was given just now."""
        return Ticket(ticket, claims, self._clock() + GOOD_FOR)

    def keep(self, ticket: Ticket) -> None:
        """Keep a ticket that was not spent."""
        self._kept = ticket

    def take(self) -> Ticket | None:
        """Give the kept ticket, once; None where there is none that is good."""
        kept, self._kept = self._kept, None
        return kept if kept is not None and self._clock() < kept.good_until else None
