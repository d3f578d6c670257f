"""Reads and writes JSON: what does not fit the protocol becomes an error of the catalogue."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from chat.errors import ChatError
from chat.protocol.server_frames import Error, ErrorBody

_encoder = msgspec.json.Encoder()
_Decoded = TypeVar("_Decoded")


def encode(frame: msgspec.Struct) -> bytes:
    """Write a frame or a body as JSON."""
    return _encoder.encode(frame)


def decode(text: str | bytes, type_: type[_Decoded]) -> _Decoded:
    """Read a frame or a body.

    Raises:
        ChatError: `not_json`, or `bad_request` with what is wrong and where.
    """
    try:
        return msgspec.json.decode(text, type=type_)
    except msgspec.ValidationError as fault:
        raise _bad_request(fault) from fault
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:  # the last: nested a thousand deep
        raise ChatError("not_json") from fault


def parse(values: Any, type_: type[_Decoded]) -> _Decoded:  # noqa: ANN401 - what the Lambda runtime decoded from JSON
    """Read a query's parameters, numbers among them written as strings.

    Raises:
        ChatError: `bad_request` with what is wrong and where.
    """
    try:
        return msgspec.convert(values, type=type_, strict=False)
    except msgspec.ValidationError as fault:
        raise _bad_request(fault) from fault


def _bad_request(fault: msgspec.ValidationError) -> ChatError:
    """Put what a type's check found into one sentence that says what to do."""
    return ChatError("bad_request", f"The request does not fit the protocol, correct it: {str(fault)[:300]}.")


def error_body(error: ChatError) -> ErrorBody:
    """Say an error as the wire does."""
    return ErrorBody(**_error_fields(error))


def retry_after(error: ChatError) -> dict[str, str]:
    """Say by RFC 9110's header how long to wait, in whole seconds: as long as it takes or up to one more."""
    return {"retry-after": str(math.ceil(error.retry_after_ms / 1_000))} if error.retry_after_ms else {}


def error_frame(error: ChatError, request_id: str | UnsetType) -> Error:
    """Say an error in answer to a frame."""
    return Error(request_id=request_id, **_error_fields(error))


def _error_fields(error: ChatError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "retryable": error.entry.retryable,
        "definite": error.entry.definite,
        "chat_id": error.chat_id or UNSET,
        "retry_after_ms": error.retry_after_ms or UNSET,
    }
