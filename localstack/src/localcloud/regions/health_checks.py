"""Asks APIs for their health as Route 53 does, but only when a name is looked up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from localcloud.apis.addresses import PATH_PREFIX

if TYPE_CHECKING:
    from localcloud.asgi import Scope, Serve
    from localcloud.interfaces import Clock
    from localcloud.regions.records import HealthCheck

_GOOD_SECONDS = 1.0
"""How long an answer is good for: many clients may look a name up at once."""


class HealthChecks:
    """The health of APIs. One answer decides; Route 53 wants three in a row, half a minute apart."""

    def __init__(self, serve: Serve, clock: Clock) -> None:
        """Ask by ``serve``, which knows APIs by the path form of their addresses."""
        self._serve = serve
        self._clock = clock
        self._answers: dict[str, tuple[float, bool]] = {}
        """By check: until when it is good, and what it was."""
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def is_healthy(self, check: HealthCheck) -> bool:
        """Whether the API answers the check's path with a status of success or a redirection."""
        async with self._asking[check.check_id]:
            good_until, healthy = self._answers.get(check.check_id, (0.0, False))
            if self._clock.now() < good_until:
                return healthy
            healthy = HTTPStatus.OK <= await self._status(check) < HTTPStatus.BAD_REQUEST
            self._answers[check.check_id] = (self._clock.now() + _GOOD_SECONDS, healthy)
            return healthy

    async def _status(self, check: HealthCheck) -> int:
        statuses: list[int] = []

        async def receive() -> Scope:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Scope) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self._serve(_request(check), receive, send)
        return statuses[0] if statuses else HTTPStatus.SERVICE_UNAVAILABLE


def _request(check: HealthCheck) -> dict[str, Any]:
    """A GET as a server would have received it."""
    path = f"{PATH_PREFIX}{check.api_id}{check.path}"
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"user-agent", b"Amazon-Route53-Health-Check-Service")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
