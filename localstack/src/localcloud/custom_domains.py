"""Domains of one's own on this machine: a request whose Host is one reaches what is behind it.

On AWS a record in DNS leads a domain to API Gateway, in one of the regions that have it, or to CloudFront,
which tell by the Host whose it is. Here whoever wants the same sends that Host to this port: by a line in
``/etc/hosts``, or by a header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from localcloud.asgi import Receive, Scope, Send, Serve

_OWN_NAMES = ("127.0.0.1", "localhost")
"""What nobody's domain is; so are the names below the second."""


class CustomDomains:
    """Passes everything on, and that for a domain of one's own in the path form of what is behind it."""

    def __init__(
        self,
        serve: Serve,
        regions_of: Callable[[str], Awaitable[Sequence[str]]],
        path_of: Callable[[str, str, Sequence[str]], str | None],
    ) -> None:
        """Serve by ``serve``.

        Args:
            serve: knows APIs and distributions by the path form of their addresses.
            regions_of: gives the regions that a domain leads to.
            path_of: gives that form for a domain, a percent-encoded path and those; None for nobody's.
        """
        self._serve = serve
        self._regions_of = regions_of
        self._path_of = path_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve any ASGI scope."""
        domain = _host(scope).partition(":")[0].lower()
        if domain and not domain.endswith(_OWN_NAMES):
            raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
            if path := self._path_of(domain, raw_path, await self._regions_of(domain)):
                scope = {**scope, "raw_path": path.encode("latin-1"), "path": unquote(path)}
        await self._serve(scope, receive, send)


def _host(scope: Scope) -> str:
    return next(
        (value.decode("latin-1") for name, value in scope.get("headers", ()) if name.lower() == b"host"), ""
    )
