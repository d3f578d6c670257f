"""Where something can be made to fail, and which effects mean something there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.interfaces import FaultEffect

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALL = frozenset({FaultEffect.ERROR, FaultEffect.DELAY})

EFFECTS: Mapping[str, Mapping[str, frozenset[FaultEffect]]] = {
    "execute-api": {
        "Connect": _CALL,
        "PostToConnection": _CALL | {FaultEffect.LOSE},
        "GetConnection": _CALL,
        "DeleteConnection": _CALL,
        "SendMessage": frozenset(
            {FaultEffect.DELAY, FaultEffect.REORDER, FaultEffect.LOSE, FaultEffect.DROP}
        ),
        "ReceiveMessage": frozenset({FaultEffect.DELAY, FaultEffect.LOSE, FaultEffect.DROP}),
    },
    "lambda": {
        "Invoke": _CALL
        | {FaultEffect.THROTTLE, FaultEffect.CRASH_BEFORE, FaultEffect.CRASH_AFTER, FaultEffect.TIMEOUT}
    },
    "dynamodb": {
        operation: _CALL | {FaultEffect.THROTTLE}
        for operation in (
            "BatchExecuteStatement",
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "ExecuteStatement",
            "ExecuteTransaction",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        )
    }
    | {"Replicate": frozenset({FaultEffect.DELAY})},
}
"""The effects that each service's operations honour."""

_CODES = {
    ("execute-api", 403): "ForbiddenException",
    ("execute-api", 410): "GoneException",
    ("execute-api", 413): "PayloadTooLargeException",
    ("execute-api", 429): "LimitExceededException",
    ("lambda", 429): "TooManyRequestsException",
    ("lambda", 500): "ServiceException",
}


def error_code(service: str, status: int) -> str:
    """AWS's code of an error that a service answers with this status."""
    return _CODES.get((service, status), "InternalServerError")


def error_status(code: str) -> int:
    """The status that goes with a code when the rule names none: DynamoDB's errors but this one are 400."""
    return 500 if code in {"InternalServerError", "ServiceException"} else 400
