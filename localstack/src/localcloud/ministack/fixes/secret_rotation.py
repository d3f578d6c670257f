"""Secrets Manager: no secret is ever replaced, and AWS::SecretsManager::RotationSchedule cannot be deployed.

Fault: MiniStack's RotateSecret makes a version with the text that was there, and asks no function; it knows
no schedule, and tells nothing of either. Here the function carries out the four steps, when somebody asks and
when the schedule says so; what fails is tried again with the next look at the schedules, as AWS does later.
`RotateImmediately: false` has the configuration tested on AWS, and nothing done here.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    json_response,
    new_uuid,
    request_scope,
)
from ministack.services import lambda_svc, secretsmanager
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch
from localcloud.ministack.permissions import service_may_invoke

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""Between two looks at the schedules."""
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_DAY = 24 * 60 * 60
_RATE = re.compile(r"rate\((?P<count>\d+) (?P<unit>hour|day)s?\)")
_OK = 200
_rotating: set[str] = set()
"""The ARNs of the secrets that are being replaced at this moment."""


class _RefusedError(Exception):
    """A call is refused: its error's code, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def rotate(request: Properties) -> None:
    """Set what a RotateSecret sets, and begin the replacement unless it says otherwise."""
    _, secret = secretsmanager._resolve(request.get("SecretId"))  # noqa: SLF001
    function = request.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    if not function:
        raise _RefusedError(
            "InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."
        )
    rules = request.get("RotationRules") or secret.get("RotationRules") or {}
    seconds = _interval(rules)
    if not service_may_invoke(function, "secretsmanager.amazonaws.com", secret["ARN"], get_account_id()):
        raise _RefusedError(
            "AccessDeniedException",
            f"Secrets Manager cannot invoke the specified Lambda function {function}. Ensure that the "
            "function policy grants access to the principal secretsmanager.amazonaws.com.",
        )
    immediately = request.get("RotateImmediately", True)
    if immediately and secret.get("RotationBegun"):
        raise _RefusedError(
            "InvalidRequestException",
            "A previous rotation isn't complete. That rotation will be reattempted.",
        )
    secret.update(RotationLambdaARN=function, RotationRules=rules, RotationEnabled=True)
    secret["NextRotationDate"] = time.time() + seconds if seconds else None
    if immediately:
        _begin(secret, request.get("ClientRequestToken") or new_uuid())


def rotate_due(now: float) -> None:
    """Replace, in threads of their own, secrets whose time has come, and those that were replaced in part.

    Args:
        now: in seconds since the epoch.
    """
    for (account_id, region, _), secret in list(secretsmanager._secrets._data.items()):  # noqa: SLF001
        due = secret.get("NextRotationDate") or float("inf")
        begun = secret.get("RotationBegun")
        if secret.get("RotationEnabled") and not secret.get("DeletedDate") and (begun or due <= now):
            with request_scope(account_id, region):
                _begin(secret, begun or new_uuid())


def start_schedule() -> None:
    """Look at the schedules from now on, for as long as the process runs."""

    def look() -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            rotate_due(time.time())

    threading.Thread(target=look, name="secret-rotation", daemon=True).start()


def _begin(secret: dict[str, Any], token: str) -> None:
    if secret["ARN"] in _rotating:
        return
    _rotating.add(secret["ARN"])
    secret["RotationBegun"] = token
    if token not in secret["Versions"]:
        pending = {"SecretString": None, "SecretBinary": None, "CreatedDate": int(time.time())}
        secretsmanager._remove_stage_everywhere(secret, "AWSPENDING")  # noqa: SLF001 - kept beside AWSCURRENT
        secret["Versions"][token] = {**pending, "Stages": ["AWSPENDING"]}
    steps = copy_context()  # the account and the region
    threading.Thread(target=steps.run, args=(_carry_out, secret, token), daemon=True).start()


def _carry_out(secret: dict[str, Any], token: str) -> None:
    try:
        for step in STEPS:
            if failure := _ask(secret, step, token):
                logger.warning(
                    "The rotation of the secret %s stopped at %s: %s. It is tried again within a minute.",
                    secret["Name"],
                    step,
                    failure,
                )
                return
        secret["RotationBegun"] = None
        secret["LastRotatedDate"] = time.time()
        seconds = _interval(secret["RotationRules"])
        secret["NextRotationDate"] = secret["LastRotatedDate"] + seconds if seconds else None
    finally:
        _rotating.discard(secret["ARN"])


def _ask(secret: dict[str, Any], step: str, token: str) -> str:
    """Have the function carry out a step; why it did not, or nothing."""
    event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
    record, config, _name = lambda_svc._get_func_record_for_ref(secret["RotationLambdaARN"])  # noqa: SLF001
    if record is None or config is None:
        return "its function is gone"
    invoked = lambda_svc._execution_record_for_config(record, config)  # noqa: SLF001
    result = lambda_svc._execute_function_with_config_scope(invoked, event)  # noqa: SLF001
    return json.dumps(result.get("body")) if result.get("error") or result.get("throttle") else ""


def _interval(rules: Properties) -> float:
    """Seconds between two replacements; 0 for none by itself."""
    if days := rules.get("AutomaticallyAfterDays"):
        return float(days) * _DAY
    expression = rules.get("ScheduleExpression")
    if not expression:
        return 0
    if match := _RATE.fullmatch(expression):
        return int(match["count"]) * (_DAY if match["unit"] == "day" else _DAY / 24)
    raise _RefusedError(
        "InvalidParameterException", f"localcloud keeps no schedule {expression}: use rate(N days)."
    )


def _rotating_by_function(original: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    def rotate_secret(data: Properties) -> Any:  # noqa: ANN401 - MiniStack is untyped
        _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
        if secret is None or secret.get("DeletedDate") or secretsmanager._is_replica(secret):  # noqa: SLF001
            return original(data)  # which refuses it
        try:
            rotate(data)
        except _RefusedError as refused:
            return error_response_json(refused.code, str(refused), 400)
        answer = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": secret.get("RotationBegun")}
        return json_response({name: value for name, value in answer.items() if value})

    return rotate_secret


def _telling_dates(original: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    def describe_secret(data: Properties) -> Any:  # noqa: ANN401 - MiniStack is untyped
        answer = original(data)
        if answer[0] != _OK:
            return answer
        _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
        dates = {name: secret.get(name) for name in ("LastRotatedDate", "NextRotationDate")}
        return json_response(json.loads(answer[2]) | {name: date for name, date in dates.items() if date})

    return describe_secret


def _moving_labels(original: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    """A label is on one version: to write another with it takes it from the one before."""

    def put_secret_value(data: Properties) -> Any:  # noqa: ANN401 - MiniStack is untyped
        answer = original(data)
        if answer[0] == _OK:
            _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
            for stage in data.get("VersionStages", ()):
                secretsmanager._remove_stage_everywhere(secret, stage, json.loads(answer[2])["VersionId"])  # noqa: SLF001
        return answer

    return put_secret_value


def _without_a_first_version(handlers: Mapping[str, Any]) -> dict[str, Any]:
    """A template that gives a secret no text makes no version of it: a function writes the first."""

    def create(logical_id: str, properties: Properties, stack_name: str) -> Any:  # noqa: ANN401 - untyped
        name, attributes = handlers["create"](logical_id, properties, stack_name)
        if not {"SecretString", "GenerateSecretString"} & properties.keys():
            secretsmanager._secrets[name]["Versions"].clear()  # noqa: SLF001
        return name, attributes

    return {**handlers, "create": create}


def _without_empty_versions(original: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    """A version that nothing was written to yet is not found: that of a replacement which has begun."""

    def get_secret_value(data: Properties) -> Any:  # noqa: ANN401 - MiniStack is untyped
        answer = original(data)
        if answer[0] == _OK and not {"SecretString", "SecretBinary"} & _filled(json.loads(answer[2])):
            stage = data.get("VersionId") or data.get("VersionStage", "AWSCURRENT")
            return error_response_json(
                "ResourceNotFoundException",
                f"Secrets Manager can't find the specified secret value for: {stage}.",
                400,
            )
        return answer

    return get_secret_value


def _filled(answer: Properties) -> set[str]:
    return {name for name, value in answer.items() if value}


def _schedule(properties: Properties) -> Provisioned:
    _, secret = secretsmanager._resolve(properties["SecretId"])  # noqa: SLF001
    if secret is None:
        raise ValueError(f"There is no secret {properties['SecretId']}.")
    request = {
        "SecretId": secret["ARN"],
        "RotationLambdaARN": properties.get("RotationLambdaARN"),
        "RotationRules": _rules(properties.get("RotationRules") or {}),
        "RotateImmediately": str(properties.get("RotateImmediatelyOnUpdate", True)).lower() == "true",
    }
    try:
        rotate(request)
    except _RefusedError as refused:
        raise ValueError(f"{refused.code}: {refused}") from refused
    return secret["ARN"], {"Id": secret["ARN"]}


def _rules(rules: Properties) -> Properties:
    """As the API has them: a template's parameter is a text."""
    days = rules.get("AutomaticallyAfterDays")
    return {**rules, "AutomaticallyAfterDays": int(days)} if days else rules


def _create(_logical_id: str, properties: Properties, _stack_name: str) -> Provisioned:
    return _schedule(properties)


def _update(_resource_id: str, _old: Properties, new: Properties, _stack_name: str) -> Provisioned:
    return _schedule(new)


def _delete(resource_id: str, _properties: Properties) -> None:
    _, secret = secretsmanager._resolve(resource_id)  # noqa: SLF001
    if secret is not None:
        secret.update(RotationEnabled=False, NextRotationDate=None)


FIX = Fix(
    Patch(secretsmanager, "_rotate_secret", _rotating_by_function),
    Patch(secretsmanager, "_describe_secret", _telling_dates),
    Patch(secretsmanager, "_get_secret_value", _without_empty_versions),
    Patch(secretsmanager, "_put_secret_value", _moving_labels),
    Patch(provisioners._RESOURCE_HANDLERS, "AWS::SecretsManager::Secret", _without_a_first_version),  # noqa: SLF001
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::SecretsManager::RotationSchedule",
        lambda _: {"create": _create, "update": _update, "delete": _delete},
    ),
)
