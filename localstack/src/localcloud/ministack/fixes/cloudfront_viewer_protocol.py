"""CloudFront: a distribution that redirects to https cannot be opened in a browser.

Fault: MiniStack takes the protocol from X-Forwarded-Proto, which no browser sends, and redirects it to an
https address on a port where nothing speaks TLS. Here a viewer who does not say otherwise has come by https.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def _as_if_by_https(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle_viewer(  # MiniStack's own parameters
        host: str,
        path: str,
        raw_path: str,
        raw_query_string: str,
        method: str,
        headers: dict[str, str],
        *rest: Any,  # noqa: ANN401 - MiniStack is untyped
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        headers = {"x-forwarded-proto": "https", **headers}
        return await handle(host, path, raw_path, raw_query_string, method, headers, *rest)

    return handle_viewer


FIX = Fix(Patch(app, "_handle_cloudfront_dataplane_request", _as_if_by_https))
