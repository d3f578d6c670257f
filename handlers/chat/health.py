"""Health checks of Route 53: HTTP events without a token, answered by a status and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chat.errors import ChatError
from chat.invocation import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.http import Event, Handler

HEALTHY, UNHEALTHY = 200, 503


class _Context(msgspec.Struct, frozen=True, rename="camel"):
    request_id: str


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    request_context: _Context


def health_check(action: str, check: Callable[[], None]) -> Handler:
    """Make the handler of a route that is healthy unless the check raises."""

    def handler(event: Event, _context: object) -> dict[str, Any]:
        ids = {"requestId": msgspec.convert(event, _Event).request_context.request_id}
        result = carry_out(action, ids, check)
        status = UNHEALTHY if isinstance(result, ChatError) else HEALTHY
        return {"statusCode": status, "headers": {"cache-control": "no-store"}}

    return handler
