"""Answers $disconnect: forgets the connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chat import metrics
from chat.bootstrap import connections, handlers
from chat.metrics import Metric

if TYPE_CHECKING:
    from chat.websocket import Caller

registry = connections.connection_registry()


def forget(caller: Caller) -> None:
    """Forget the connection."""
    registry.close(caller.user_id, caller.connection.id)
    metrics.record(Metric.CONNECTIONS_CLOSED)
    metrics.record(Metric.CONNECTION_DURATION, time.time() - caller.connection.connected_at / 1_000)


handler = handlers.lifecycle(forget)
