"""Answers $disconnect: forgets the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import connections, handlers

if TYPE_CHECKING:
    from chat.websocket import Caller

registry = connections.connection_registry()


def forget(caller: Caller) -> None:
    """Forget the connection."""
    registry.close(caller.user_id, caller.connection.id)


handler = handlers.lifecycle(forget)
