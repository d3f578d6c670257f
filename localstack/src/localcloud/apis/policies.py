"""What a Lambda authorizer's answer means: its policy document, its context, its failures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from localcloud.apis.integrations import Failure, Outcome, answer_of
from localcloud.interfaces import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

MAXIMUM_RESULT_BYTES = 8192
INVOKE = "execute-api:Invoke"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The caller may pass."""

    context: Mapping[str, str]
    """``requestContext.authorizer`` of every later event: context and principalId, as strings."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The caller may not pass."""

    status: int
    message: str


Verdict = Allowed | Refused

_INTERNAL_ERROR = Refused(500, "Internal server error")
UNAUTHORIZED = Refused(401, "Unauthorized")


class _Statement(msgspec.Struct, frozen=True, rename="pascal"):
    effect: str
    action: str | list[str]
    resource: str | list[str]


class PolicyDocument(msgspec.Struct, frozen=True, rename="pascal"):
    """What of an IAM policy document decides."""

    statement: _Statement | list[_Statement]


class _AuthorizerResult(msgspec.Struct, frozen=True, rename="camel"):
    principal_id: str
    policy_document: PolicyDocument
    context: dict[str, str | int | float | bool | None] | None = None


_RESULT = msgspec.json.Decoder(_AuthorizerResult)


def judge(outcome: Outcome, method_arn: str) -> Verdict:
    """What a REQUEST authorizer's invocation decides about the method ``method_arn``.

    A function that fails with the message ``Unauthorized`` is a 401; any other failure, a malformed or an
    oversized result (8 KB) is a 500; a policy that denies, or does not allow, is a 403.
    """
    answer = answer_of(outcome)
    if isinstance(answer, Failure):
        return UNAUTHORIZED if _raised_unauthorized(outcome) else _INTERNAL_ERROR
    if len(answer) > MAXIMUM_RESULT_BYTES:
        return _INTERNAL_ERROR
    try:
        result = _RESULT.decode(answer)
    except (msgspec.DecodeError, RecursionError):
        return _INTERNAL_ERROR
    effect = evaluate(result.policy_document, method_arn)
    if effect == "Allow":
        return Allowed(_context_of(result))
    why = (
        "with an explicit deny"
        if effect == "Deny"
        else "because no identity-based policy allows the " + INVOKE
    )
    return Refused(403, f"User is not authorized to access this resource {why}")


def evaluate(document: PolicyDocument, method_arn: str) -> str | None:
    """``Deny`` if any statement denies the method, else ``Allow`` if any allows it, else None."""
    statements = document.statement if isinstance(document.statement, list) else [document.statement]
    effects = {
        statement.effect
        for statement in statements
        if _any_matches(statement.action, INVOKE, re.IGNORECASE)
        and _any_matches(statement.resource, method_arn)
    }
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else None


def _any_matches(patterns: str | list[str], value: str, flags: int = 0) -> bool:
    """Whether IAM's wildcards ``*`` and ``?`` in any of the patterns match the whole value."""
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(expression, value, flags | re.DOTALL):
            return True
    return False


def _raised_unauthorized(outcome: Outcome) -> bool:
    if not isinstance(outcome, Invocation) or not outcome.function_error:
        return False
    try:
        error: Any = msgspec.json.decode(outcome.payload)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(error, dict) and error.get("errorMessage") == "Unauthorized"


def _context_of(result: _AuthorizerResult) -> dict[str, str]:
    context = {name: _text(value) for name, value in (result.context or {}).items() if value is not None}
    return {**context, "principalId": result.principal_id}


def _text(value: str | float | bool) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode("ascii")
