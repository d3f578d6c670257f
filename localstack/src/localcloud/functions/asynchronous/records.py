"""What destinations and dead-letter queues are told: AWS's record, and a dead letter's attributes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from localcloud.functions.asynchronous.retries import Condition

if TYPE_CHECKING:
    from localcloud.functions.asynchronous.configuration import Configuration
    from localcloud.functions.asynchronous.retries import Outcome

_THROTTLED: Final = 429
_ERROR_MESSAGE_CHARACTERS: Final = 1024


def record(outcome: Outcome, configuration: Configuration, payload: bytes, now: float) -> bytes:
    """The JSON that AWS sends to a destination.

    Args:
        outcome: what became of the event.
        configuration: the function's.
        payload: the event's.
        now: epoch seconds.
    """
    event, result = outcome.event, outcome.result
    is_refused = result is None or result.throttled
    response: dict[str, Any] = {
        "statusCode": _THROTTLED if is_refused else 200,
        "executedVersion": configuration.version,
    }
    if result is not None and result.function_error is not None:
        response["functionError"] = result.function_error
    timestamp = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    fields = {
        "version": "1.0",
        "timestamp": timestamp.replace("+00:00", "Z"),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": configuration.function_arn,
            "condition": outcome.condition.value,
            "approximateInvokeCount": event.failures + (outcome.condition is Condition.SUCCESS),
        },
        "requestPayload": msgspec.Raw(payload),
        "responseContext": response,
        "responsePayload": msgspec.Raw((result and result.payload) or b"null"),
    }
    return msgspec.json.encode(fields)


def dead_letter_attributes(outcome: Outcome) -> dict[str, tuple[str, str]]:
    """The attributes of a dead letter: data type and value by name."""
    result = outcome.result
    code, message = _THROTTLED, "Rate Exceeded."
    if result is not None and not result.throttled:
        error = msgspec.json.decode(result.payload) if result.payload else None
        message = error.get("errorMessage", "") if isinstance(error, dict) else ""
        code = 200
    return {
        "RequestID": ("String", outcome.event.request_id),
        "ErrorCode": ("Number", str(code)),
        # An attribute without a value is refused, so there is always one.
        "ErrorMessage": ("String", str(message)[:_ERROR_MESSAGE_CHARACTERS] or "Unknown"),
    }
