"""Posts to connections and closes them, by API Gateway's @connections."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from chat.adapters.aws import connections_api
from chat.adapters.client import AwsError, RefusedError, UnreachableError
from chat.ports.connections import PostFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.domain import Connection

LOGGER = logging.getLogger("chat")
GONE = 410
THROTTLED = 429
SERVER_ERRORS = 500
"""HTTP statuses from here on tell of faults that pass."""
UNREACHABLE_SECONDS = 30.0
"""How long another region's API that does not answer at all is left alone."""


class ConnectionsApi:
    """Serves `ports.Push`. Signed as the function's role, which needs execute-api:ManageConnections.

    A connection is posted to in its own region, and signed for it. Where another region cannot be reached,
    waiting for each of its connections would hold up the rest, so its API is left alone for a while.
    """

    def __init__(self, region: str, now: Callable[[], float] = time.monotonic) -> None:
        """Post from this region; `now` tells the time in seconds."""
        self._region = region
        self._now = now
        self._unreachable_until: dict[str, float] = {}
        """By the stage's URL."""

    def post(self, connection: Connection, frame: bytes) -> bool:
        """Send a frame; False when the connection is gone. A refusal for good is logged, and counts as sent.

        Raises:
            PostFailedError: it may succeed later; logged too.
        """
        if self._now() < self._unreachable_until.get(connection.endpoint, 0.0):
            raise PostFailedError
        try:
            connections_api(connection.endpoint, connection.region).post_to_connection(
                ConnectionId=connection.id, Data=frame
            )
        except AwsError as fault:
            if _is_gone(fault):
                return False
            _log("push_failed", connection, fault)
            if isinstance(fault, UnreachableError) and connection.region != self._region:
                self._unreachable_until[connection.endpoint] = self._now() + UNREACHABLE_SECONDS
            if _may_pass(fault):
                raise PostFailedError from fault
        return True

    def close(self, connection: Connection) -> None:
        """Close the connection, if it is open. Faults are logged."""
        try:
            connections_api(connection.endpoint, connection.region).delete_connection(
                ConnectionId=connection.id
            )
        except AwsError as fault:
            if not _is_gone(fault):
                _log("close_failed", connection, fault)


def _is_gone(fault: AwsError) -> bool:
    return isinstance(fault, RefusedError) and fault.status == GONE


def _may_pass(fault: AwsError) -> bool:
    """Whether a fault may pass: no answer, too many posts, the service's own errors."""
    if not isinstance(fault, RefusedError):
        return True
    return fault.status == THROTTLED or fault.status >= SERVER_ERRORS


def _log(event: str, connection: Connection, fault: AwsError) -> None:
    cause = fault.code if isinstance(fault, RefusedError) else type(fault.__cause__).__name__
    LOGGER.warning(event, extra={"fields": {"recipientConnectionId": connection.id, "cause": cause}})
