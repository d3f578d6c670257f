"""Small vocabulary of ASGI and JSON that the data planes share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from localcloud.interfaces import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON = (b"content-type", b"application/json")


def json_response(status: int, content: object, *headers: tuple[bytes, bytes]) -> Response:
    """A response whose body is ``content`` as JSON."""
    return Response(status, (JSON, *headers), msgspec.json.encode(content))
