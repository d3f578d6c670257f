"""Answers $connect: registers the connection under its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat import bootstrap

if TYPE_CHECKING:
    from chat.websocket import Caller

registry = bootstrap.connection_registry()


def register(caller: Caller) -> None:
    """Register the connection."""
    registry.open(caller.connection)


handler = bootstrap.lifecycle(register)
