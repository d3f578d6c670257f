"""CloudFront: a distribution that redirects to https cannot be opened in a browser.

Fault: MiniStack takes the protocol from X-Forwarded-Proto, which no browser sends, and redirects it to an
https address on a port where nothing speaks TLS. Here a viewer who does not say otherwise has come by https.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app
from ministack.core.iam_evaluator import pin_request_origin

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[..., Awaitable[Any]]


def _as_if_by_https(handle: Handler) -> Handler:
    async def handle_viewer(host: str, *request: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
        path, raw_path, raw_query_string, method, headers, body, query, client_ip = request
        if app._parse_cloudfront_dataplane_host(host) and "x-forwarded-proto" not in headers:  # noqa: SLF001
            headers = {**headers, "x-forwarded-proto": "https"}
            # The bucket's policy may ask, too; this was noted before the host was looked at.
            pin_request_origin(client_ip, True)
        return await handle(host, path, raw_path, raw_query_string, method, headers, body, query, client_ip)

    return handle_viewer


FIX = Fix(Patch(app, "_handle_cloudfront_dataplane_request", _as_if_by_https))
