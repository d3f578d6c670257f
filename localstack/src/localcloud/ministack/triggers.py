"""A user pool's Lambda triggers as Cognito invokes them: permission, three attempts of 5 s, its errors."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import cognito, lambda_svc

from localcloud.ministack.invocation_bridge import patience
from localcloud.ministack.permissions import service_may_invoke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json = dict[str, Any]

ATTEMPTS: Final = 3
ATTEMPT_SECONDS: Final = 5.0
"""Cognito waits that long for a trigger, and tries one that did not answer twice more."""


class TriggerError(cognito._PreSignUpRejected):  # type: ignore[misc]  # noqa: SLF001 - MiniStack is untyped
    """A trigger refuses the operation, or could not be asked.

    It is one of MiniStack's own so that sign-ups by federation, which catch that, end as they do there.
    """

    def __init__(self, code: str, message: str) -> None:
        """The error as Cognito answers it."""
        super().__init__(message)
        self.code = code
        self.message = message

    def answer(self) -> Any:  # noqa: ANN401 - MiniStack is untyped
        """MiniStack's form of an answer."""
        return error_response_json(self.code, self.message, 400)


@dataclass(slots=True)
class Operation:
    """A call of Cognito while it runs."""

    data: Json
    """The call's parameters."""
    failure: TriggerError | None = None
    """The first of its triggers' errors, which MiniStack may swallow on the way."""


operation: ContextVar[Operation | None] = ContextVar("operation", default=None)
"""The call that this thread works for."""
_trigger: ContextVar[str] = ContextVar("trigger", default="")
"""The name of the trigger that is being invoked, as in ``LambdaConfig``; empty outside."""
_token_answers: ContextVar[dict[bytes, Any] | None] = ContextVar("token_answers", default=None)
"""What PreTokenGeneration answered for the tokens that are being made: Cognito asks once for all of them."""


@contextmanager
def invoking(trigger: str) -> Iterator[None]:
    """What is invoked meanwhile is invoked as this trigger."""
    token = _trigger.set(trigger)
    try:
        yield
    finally:
        _trigger.reset(token)


@contextmanager
def making_tokens() -> Iterator[None]:
    """Ask PreTokenGeneration once meanwhile."""
    token = _token_answers.set({})
    try:
        yield
    finally:
        _token_answers.reset(token)


def invoke(trigger: str, pool: Json, event: Json) -> None:
    """Invoke a pool's trigger with an event if it has one, and heed nothing of its answer but errors.

    Raises:
        TriggerError: it refuses.
    """
    function = (pool.get("LambdaConfig") or {}).get(trigger)
    if not function:
        return
    record, config, _name = lambda_svc._get_func_record_for_ref(function)  # noqa: SLF001
    with invoking(trigger):
        if record is None or config is None:
            raise _failure(f"{trigger} invocation failed due to error ResourceNotFoundException.")
        invoked = lambda_svc._execution_record_for_config(record, config)  # noqa: SLF001
        lambda_svc._execute_function_with_config_scope(invoked, event)  # noqa: SLF001


def event(trigger_source: str, pool: Json, user: Json, client_id: str | None, **request: object) -> Json:
    """The event that Cognito invokes a trigger with, for a user who is there.

    Args:
        trigger_source: such as ``PostConfirmation_ConfirmSignUp``.
        pool: MiniStack's record of the pool.
        user: MiniStack's record of the user.
        client_id: the app client; None for calls that name none.
        request: what the request holds beside the user's attributes.
    """
    attributes = cognito._attr_list_to_dict(user.get("Attributes", []))  # noqa: SLF001
    return {
        "version": "1",
        "region": cognito._pool_region(pool["Id"]),  # noqa: SLF001
        "userPoolId": pool["Id"],
        "userName": user["Username"],
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": client_id or "CLIENT_ID_NOT_APPLICABLE",
        },
        "triggerSource": trigger_source,
        "request": {
            "userAttributes": {**attributes, "cognito:user_status": user["UserStatus"]},
            **request,
        },
        "response": {},
    }


def as_cognito(execute: Callable[[Json, Json], Json]) -> Callable[[Json, Json], Json]:
    """MiniStack's way to run a function, with Cognito's rules where a trigger is invoked."""

    def execute_as_cognito(function: Json, event: Json) -> Json:
        trigger = _trigger.get()
        if not trigger:
            return execute(function, event)
        answers = _token_answers.get() if trigger == "PreTokenGeneration" else None
        key = b"" if answers is None else msgspec.json.encode(event)
        if answers is not None and key in answers:
            known: Json = answers[key]
            return known
        _check_permission(trigger, function, event)
        result = _judge(trigger, _attempt(trigger, lambda: execute(function, event)))
        if answers is not None:
            answers[key] = result
        return result

    return execute_as_cognito


def _check_permission(trigger: str, function: Json, event: Json) -> None:
    pool = f"arn:aws:cognito-idp:{get_region()}:{get_account_id()}:userpool/{event['userPoolId']}"
    arn = function["config"]["FunctionArn"]
    if not service_may_invoke(arn, "cognito-idp.amazonaws.com", pool, get_account_id()):
        raise _failure(f"{trigger} invocation failed due to error AccessDeniedException.")


def _attempt(trigger: str, execute: Callable[[], Json]) -> Json:
    for _ in range(ATTEMPTS):
        token = patience.set(ATTEMPT_SECONDS)
        try:
            return execute()
        except TimeoutError:
            continue
        finally:
            patience.reset(token)
    reason = "Socket timeout while invoking Lambda function"
    raise _failure(f"{trigger} invocation failed due to error {reason}.")


def _judge(trigger: str, result: Json) -> Json:
    body = result.get("body")
    if result.get("throttle"):
        raise _failure(f"{trigger} invocation failed due to error TooManyRequestsException.")
    if result.get("error"):
        message = body.get("errorMessage", "") if isinstance(body, dict) else ""
        raise _failure(f"{trigger} failed with error {message}.", "UserLambdaValidationException")
    if not isinstance(body, dict):
        raise _failure("Unrecognizable lambda output", "InvalidLambdaResponseException")
    return result


def _failure(message: str, code: str = "UnexpectedLambdaException") -> TriggerError:
    failure = TriggerError(code, message)
    current = operation.get()
    if current is not None and current.failure is None:
        current.failure = failure
    return failure
