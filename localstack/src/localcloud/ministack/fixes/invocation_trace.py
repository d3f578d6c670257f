"""Invoke goes on with the trace that its caller sends, which MiniStack does not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from localcloud.ministack.invocation_bridge import trace_id
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping


def _tracing(invoke: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def invoke_traced(name: str, event: object, headers: Mapping[str, str], *more: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
        token = trace_id.set(headers.get("x-amzn-trace-id", ""))
        try:
            return await invoke(name, event, headers, *more)
        finally:
            trace_id.reset(token)

    return invoke_traced


FIX = Fix(Patch(lambda_svc, "_invoke", _tracing))
