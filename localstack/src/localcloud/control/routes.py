"""Which endpoint answers a request below ``/_localcloud/``, and who may ask: programs of this machine."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import msgspec

from localcloud.http import TooLarge, read_request, send_response
from localcloud.interfaces import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from localcloud.asgi import Receive, Scope, Send
    from localcloud.interfaces import Request

    Endpoint = Callable[[Request], Awaitable[Response]]

PREFIX = "/_localcloud"
_LARGEST_BYTES = 1024 * 1024


def json_answer(content: object, status: int = 200) -> Response:
    """An answer of JSON."""
    return Response(status, ((b"content-type", b"application/json"),), msgspec.json.encode(content))


def error(status: int, message: str) -> Response:
    """An answer that says in one sentence what is wrong."""
    return json_answer({"message": message}, status)


class Control:
    """Endpoints by method and path.

    A request's path ends where its endpoint's ends, or goes on with one segment; that of ``""`` goes not on.
    """

    def __init__(self, endpoints: Mapping[tuple[str, str], Endpoint]) -> None:
        """Serve ``endpoints``: keys such as ``("DELETE", "/faults")``, below the prefix."""
        self._endpoints = {(method, f"{PREFIX}{path}"): found for (method, path), found in endpoints.items()}

    def owns(self, scope: Scope) -> bool:
        """Everything over HTTP below the prefix."""
        path: str = scope["path"]
        return scope["type"] == "http" and (path == PREFIX or path.startswith(f"{PREFIX}/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send_response(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            request = await read_request(scope, receive, largest_bytes=_LARGEST_BYTES)
        except TooLarge:
            return error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body may have {_LARGEST_BYTES} bytes here.")
        if not _from_this_machine(request, scope):
            return error(
                HTTPStatus.FORBIDDEN, "Only programs of this machine may ask, not pages of other sites."
            )
        path = request.path.rstrip("/") or PREFIX
        parent = path.rpartition("/")[0]
        found = self._endpoints.get((request.method, path))
        if found is None and parent != PREFIX:
            found = self._endpoints.get((request.method, parent))
        if found is None:
            return error(HTTPStatus.NOT_FOUND, f"There is no {request.method} {request.path} here.")
        return await found(request)


def _from_this_machine(request: Request, scope: MutableMapping[str, Any]) -> bool:
    """Whether it comes over loopback, addressed to loopback, and not from a page of another origin.

    A browser lets any page send requests to a loopback address; what it says of the page's origin, and a name
    that an attacker's DNS points here, give it away.
    """
    client = scope.get("client")
    host = request.header("host")
    own = _is_loopback(client[0] if client else "") and _is_loopback(_name(host))
    origin = request.header("origin")
    return own and (not origin or origin == f"http://{host}")


def _name(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name in {"localhost", ""}:
        return bool(name)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
