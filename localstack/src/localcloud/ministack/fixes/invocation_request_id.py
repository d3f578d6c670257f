"""Invoke answers with the request id that the function sees and logs, where MiniStack makes up another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from localcloud.ministack.invocation_bridge import request_ids
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def _naming(invoke: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def invoke_and_name(*arguments: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
        noted: list[str] = []
        token = request_ids.set(noted)
        try:
            status, headers, body = await invoke(*arguments)
        finally:
            request_ids.reset(token)
        if noted:
            headers["x-amzn-requestid"] = noted[-1]
        return status, headers, body

    return invoke_and_name


FIX = Fix(Patch(lambda_svc, "_invoke", _naming))
