"""Every invocation that MiniStack makes, for whomever, runs in our execution plane."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from ministack.services import lambda_svc

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.interfaces import Invocation

_LONGEST_SECONDS = 900 + 60
"""Lambda's longest timeout and a minute: a lost answer must not keep a thread for ever."""

patience: ContextVar[float] = ContextVar("patience", default=_LONGEST_SECONDS)
"""How many seconds the service that this thread works for waits for a function; TimeoutError after that."""


trace_id: ContextVar[str] = ContextVar("trace_id", default="")
"""The X-Amzn-Trace-Id of the caller that this thread works for; empty where it sent none."""


request_ids: ContextVar[list[str] | None] = ContextVar("request_ids", default=None)
"""Where to note the request ids of invocations, for who wants to answer with one."""


executed_versions: ContextVar[list[str] | None] = ContextVar("executed_versions", default=None)
"""Where to note the versions that were executed, for who wants to answer with one."""


class TracedFunctions(Protocol):
    """Lambda's execution plane, which goes on with a caller's trace."""

    async def invoke(self, function: str, payload: bytes, *, trace_id: str = "") -> Invocation:
        """Invoke a function; see :meth:`localcloud.interfaces.Functions.invoke`."""


def install(functions: TracedFunctions, loop: asyncio.AbstractEventLoop) -> None:
    """Replace MiniStack's one execution hook by a call of ``functions`` on ``loop``."""

    def execute(function: dict[str, Any], event: object) -> dict[str, Any]:
        return _execute(functions, loop, function, event)

    lambda_svc._execute_function = execute  # noqa: SLF001


def install_asynchronous(accept: Callable[[str, bytes], str]) -> None:
    """Give every event that MiniStack's services invoke a function with, and do not wait for, to ``accept``.

    Args:
        accept: takes a function's ARN and the payload, from any thread, and returns the request id at once.
    """

    def invoke_async_with_retry(function: dict[str, Any], event: object) -> None:
        config = function.get("config") or function
        _note(accept(config.get("FunctionArn") or config["FunctionName"], msgspec.json.encode(event)))

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry


def _execute(
    functions: TracedFunctions, loop: asyncio.AbstractEventLoop, function: dict[str, Any], event: object
) -> dict[str, Any]:
    """MiniStack's contract: called from a worker thread with a function's record, answers a result record."""
    if asyncio._get_running_loop() is loop:  # noqa: SLF001 - the public one raises where there is none
        raise RuntimeError("An invocation that waits on the event loop would wait for itself for ever.")
    config = function.get("config") or function
    name = config.get("FunctionArn") or config["FunctionName"]
    invoking = functions.invoke(name, msgspec.json.encode(event), trace_id=trace_id.get())
    result = asyncio.run_coroutine_threadsafe(invoking, loop).result(timeout=patience.get())
    _note(result.request_id)
    versions = executed_versions.get()
    if versions is not None and result.executed_version:
        versions.append(result.executed_version)
    return _result(result, is_reserved=lambda_svc._reserved_concurrency(function, config) is not None)  # noqa: SLF001


def _note(request_id: str) -> None:
    noted = request_ids.get()
    if noted is not None:
        noted.append(request_id)


def _result(invocation: Invocation, *, is_reserved: bool) -> dict[str, Any]:
    if invocation.throttled:
        limit = "ReservedFunctionConcurrentInvocation" if is_reserved else "ConcurrentInvocation"
        throttled: dict[str, Any] = lambda_svc._throttle_response(  # noqa: SLF001
            f"{limit}LimitExceeded", "Rate Exceeded."
        )
        throttled["body"]["Type"] = "User"
        return throttled
    result: dict[str, Any] = {
        "body": msgspec.json.decode(invocation.payload) if invocation.payload else None,
        "log": invocation.log_tail,
    }
    if invocation.function_error is not None:
        result |= {"error": True, "function_error": invocation.function_error}
    return result
