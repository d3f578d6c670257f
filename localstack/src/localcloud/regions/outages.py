"""Regions out of reach on purpose: nothing of them answers or runs, and their connections are cut."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from localcloud.apis.exchange import json_response
from localcloud.apis.websocket.server import reject_upgrade
from localcloud.control.routes import PREFIX, error, json_answer
from localcloud.http import send_response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.apis.exchange import Receive, Scope, Send
    from localcloud.control.routes import Endpoint
    from localcloud.interfaces import Request, Response
    from localcloud.regions.region import Region

_PATH = "/outages"
_SCOPE_OF_CREDENTIAL = re.compile(rb"Credential=[^/]+/\d{8}/([a-z0-9-]+)/")


class Outages:
    """What is addressed to a region that is out of reach is answered here, by an ASGI application."""

    def __init__(self, unreachable: set[str], regions: Sequence[Region]) -> None:
        """Keep those of ``regions`` in ``unreachable`` that are out of reach."""
        self._unreachable = unreachable
        self._regions = {region.name: region for region in regions}
        self._first = regions[0].name

    def owns(self, scope: Scope) -> bool:
        """Whether the scope is addressed to a region that is out of reach."""
        return bool(self._unreachable) and self._region_of(scope) in self._unreachable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer that nobody does."""
        if scope["type"] == "websocket":
            await reject_upgrade(receive, send, HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
        else:
            answer = {"__type": "ServiceUnavailable", "message": "This region is out of reach on purpose."}
            await send_response(send, json_response(HTTPStatus.SERVICE_UNAVAILABLE, answer))

    def endpoints(self) -> Mapping[tuple[str, str], Endpoint]:
        """Which regions are out of reach, to be told and changed: for ``Control``."""
        return {("GET", _PATH): self._list, ("PUT", _PATH): self._begin, ("DELETE", _PATH): self._end}

    async def _list(self, _request: Request) -> Response:
        """GET /outages."""
        return json_answer({"outages": sorted(self._unreachable)})

    async def _begin(self, request: Request) -> Response:
        """PUT /outages/{region}: put it out of reach."""
        region = self._regions.get(_name(request))
        if region is None:
            return error(HTTPStatus.NOT_FOUND, f"There is no region {_name(request)!r} here: {self._served}.")
        self._unreachable.add(region.name)
        await region.gateway.websocket.connections.drop()
        return await self._list(request)

    async def _end(self, request: Request) -> Response:
        """DELETE /outages/{region}: let it be reached again; DELETE /outages: all."""
        self._unreachable -= {_name(request)} if _name(request) else set(self._unreachable)
        return await self._list(request)

    @property
    def _served(self) -> str:
        return f"{', '.join(self._regions)} is served, and what LOCALCLOUD_OTHER_REGIONS names at the start"

    def _region_of(self, scope: Scope) -> str | None:
        """The region of an API, or of a signature; an unsigned call of a service is the first region's."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(PREFIX):
            return None
        for region in self._regions.values():
            if region.owns(scope):
                return region.name
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        signed = _SCOPE_OF_CREDENTIAL.search(headers.get(b"authorization", b""))
        if signed:
            return signed[1].decode()
        return self._first if b"x-amz-target" in headers else None


def _name(request: Request) -> str:
    """The region that the path names."""
    return request.path.rstrip("/").partition(f"{_PATH}/")[2]
