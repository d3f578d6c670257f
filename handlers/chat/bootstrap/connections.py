"""Makes what opens connections and keeps them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import shared

if TYPE_CHECKING:
    from chat.service.connections import ConnectionRegistry
    from chat.service.tickets import TicketOffice

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def ticket_office() -> TicketOffice:
    """Issues and spends tickets."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.tickets import TicketsTable
    from chat.service.tickets import TicketOffice

    return TicketOffice(TicketsTable(dynamodb(), os.environ["TICKETS_TABLE"]), SystemClock())


@cache
def connection_registry() -> ConnectionRegistry:
    """Registers connections."""
    from chat.adapters.clock import SystemClock
    from chat.service.connections import ConnectionRegistry

    return ConnectionRegistry(shared.watched_connections(), SystemClock())
