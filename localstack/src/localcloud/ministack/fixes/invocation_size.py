"""Invoke refuses a payload beyond Lambda's limits, which MiniStack does not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_MEBIBYTE: Final = 1024 * 1024
LIMITS: Final = {"RequestResponse": 6 * _MEBIBYTE, "Event": _MEBIBYTE}
"""Bytes by invocation type. That of ``Event`` was 256 KB until October 2025."""


def _limited(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        if path.endswith("/invocations") and len(body) > LIMITS["Event"]:
            kind = next(
                (value for name, value in headers.items() if name.lower() == "x-amz-invocation-type"),
                "RequestResponse",
            )
            limit = LIMITS.get(kind, LIMITS["RequestResponse"])
            if len(body) > limit:
                excess = f"{len(body)} byte payload is too large for the {kind} invocation type"
                message = f"{excess} (limit {limit} bytes)"
                return error_response_json("RequestEntityTooLargeException", message, 413)
        return await handle(method, path, headers, body, query)

    return handle_request


FIX = Fix(Patch(lambda_svc, "handle_request", _limited))
