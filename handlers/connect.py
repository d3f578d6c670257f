"""Answers $connect: registers the connection under its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import connections, handlers

if TYPE_CHECKING:
    from chat.websocket import Caller

registry = connections.connection_registry()


def register(caller: Caller) -> None:
    """Register the connection."""
    registry.open(caller.connection)


handler = handlers.lifecycle(register)
