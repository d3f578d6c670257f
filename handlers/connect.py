"""Answers $connect: registers the connection under its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat import metrics
from chat.bootstrap import connections, handlers
from chat.metrics import Metric

if TYPE_CHECKING:
    from chat.websocket import Caller

registry = connections.connection_registry()


def register(caller: Caller) -> None:
    """Register the connection."""
    registry.open(caller.connection)
    metrics.record(Metric.CONNECTIONS_OPENED)


handler = handlers.lifecycle(register)
