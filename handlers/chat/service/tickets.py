"""Tickets: each opens one connection, within a minute, so that no token stands in a URL."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from chat.domain import TICKET_LIFETIME, timestamp
from chat.protocol.http_tickets import Ticket

if TYPE_CHECKING:
    from chat.domain import Identity
    from chat.ports.clock import Clock
    from chat.ports.connections import Tickets

TICKET_BYTES = 32


class TicketOffice:
    """Issues tickets and takes them back. Only digests are kept: who reads the table cannot connect."""

    def __init__(self, tickets: Tickets, clock: Clock) -> None:
        """Keep digests in `tickets`."""
        self._tickets = tickets
        self._clock = clock

    def issue(self, identity: Identity) -> Ticket:
        """Make a ticket for who the token speaks for: 256 random bits."""
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        expires_at = int(self._clock.now()) + TICKET_LIFETIME
        self._tickets.add(_digest(ticket), identity, expires_at)
        return Ticket(ticket=ticket, expires_at=timestamp(expires_at))

    def spend(self, ticket: str, connection_id: str) -> Identity | None:
        """Spend a ticket on a connection, and give whom it stands for.

        None when it is unknown, spent by another connection, too old, or its token has ended.
        """
        spent = self._tickets.spend(_digest(ticket), connection_id)
        if spent is None:
            return None
        identity, expires_at = spent
        # The table's own expiry may lag by days, so the ticket's is checked here.
        return identity if self._clock.now() < min(expires_at, identity.expires_at) else None


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
