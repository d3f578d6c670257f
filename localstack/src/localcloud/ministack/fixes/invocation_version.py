"""Invoke answers with the version that was executed, where MiniStack knows one alone of an alias' two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from localcloud.ministack.invocation_bridge import executed_versions
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_HEADER = "X-Amz-Executed-Version"


def _naming(invoke: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def invoke_and_name(*arguments: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
        noted: list[str] = []
        token = executed_versions.set(noted)
        try:
            status, headers, body = await invoke(*arguments)
        finally:
            executed_versions.reset(token)
        if noted:
            headers[_HEADER] = noted[-1]
        return status, headers, body

    return invoke_and_name


FIX = Fix(Patch(lambda_svc, "_invoke", _naming))
