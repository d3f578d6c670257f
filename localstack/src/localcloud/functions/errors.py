"""The error objects that Lambda itself puts in place of a handler's result, as JSON.

Their form and wording are AWS's. What a handler raises is none of these: the runtime client reports it.
"""

from __future__ import annotations

import json
import signal
from typing import Final

import msgspec

_SUMMARY_BYTES: Final = 200


def timed_out(request_id: str, timeout_seconds: float) -> bytes:
    """The function did not end within its timeout."""
    return _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {timed_out_text(timeout_seconds)}")


def timed_out_text(timeout_seconds: float) -> str:
    """What is said, and logged, of a function that did not end within its timeout."""
    return f"Task timed out after {timeout_seconds:.2f} seconds"


def exited(request_id: str, status: int) -> bytes:
    """The process ended while it had an event, or before it was ready for one.

    Args:
        request_id: of the invocation.
        status: as of :attr:`subprocess.Popen.returncode`: an exit status, or a signal's number, negative.
    """
    return _error("Runtime.ExitError", f"RequestId: {request_id} Error: {exited_text(status)}")


def exited_text(status: int) -> str:
    """What is said, and logged, of a process that ended by itself."""
    if status == 0:
        return "Runtime exited without providing a reason"
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    return f"Runtime exited with error: signal: {(signal.strsignal(-status) or str(-status)).lower()}"


def response_too_large(size: int, maximum: int) -> bytes:
    """The handler returned more than a response may hold, in bytes."""
    return _error(
        "Function.ResponseSizeTooLarge",
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({maximum} bytes).",
    )


def request_too_large(size: int, maximum: int) -> bytes:
    """The event is larger than an event may be, in bytes: AWS refuses the Invoke call with 413."""
    return _error(
        "RequestEntityTooLargeException",
        f"{size} byte payload is too large for the Invoke API limit ({maximum} bytes).",
    )


def injected(code: str) -> bytes:
    """What a fault on purpose answers in the function's place."""
    return _error(code, "A fault on purpose.")


def cannot_start(reason: str) -> bytes:
    """The function cannot be run here; ``reason`` says why and what to do."""
    return _error("Runtime.CannotStart", reason)


def error_type(payload: bytes) -> str:
    """The type that an error object names; empty where it is none."""
    return _parsed(payload).error_type


def summary(payload: bytes) -> str:
    """An error object in one line; what a runtime sent in its place as it is."""
    parsed = _parsed(payload)
    if parsed.error_type or parsed.error_message:
        return f"{parsed.error_type}: {parsed.error_message}".partition("\n")[0]
    return payload[:_SUMMARY_BYTES].decode("utf-8", "replace")


class _ErrorObject(msgspec.Struct, frozen=True, rename="camel"):
    error_type: str = ""
    error_message: str = ""


def _parsed(payload: bytes) -> _ErrorObject:
    try:
        return msgspec.json.decode(payload, type=_ErrorObject)
    except msgspec.DecodeError:
        return _ErrorObject()


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()
