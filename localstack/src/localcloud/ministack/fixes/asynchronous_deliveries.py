"""SNS, EventBridge and S3 invoke functions asynchronously, and only where IAM lets them.

MiniStack waits for functions that SNS invokes, drops the failures of those that EventBridge invokes, and asks
neither a function's policy nor, for a schedule, the role that its target names.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id
from ministack.services import eventbridge, lambda_svc, s3, sns

from localcloud.ministack.patch import Fix, Patch
from localcloud.ministack.permissions import role_may, service_may_invoke

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_for: ContextVar[tuple[str, str]] = ContextVar("_for", default=("", ""))
"""The rule or the schedule that EventBridge is calling a target for, and the role that the target names."""


def _service_may(service: str, function: str, source_arn: str) -> bool:
    allowed = service_may_invoke(function, service, source_arn, get_account_id())
    if not allowed:
        logger.warning(
            "An event of %s is lost: deploy %s, or add an AWS::Lambda::Permission for %s to invoke it.",
            source_arn,
            function,
            service,
        )
    return allowed


def _role_may(role_arn: str, function: str, source_arn: str) -> bool:
    denied = role_may(role_arn, "lambda:InvokeFunction", function)
    if denied is not None:
        logger.warning("An event of %s is lost: %s. Allow it in that role.", source_arn, denied.message)
    return denied is None


def _invoke(function: str, event: object) -> None:
    record, config, _name = lambda_svc._get_func_record_for_ref(function)  # noqa: SLF001
    invoked = lambda_svc._execution_record_for_config(record, config)  # noqa: SLF001
    lambda_svc.invoke_async_with_retry(invoked, event)


def _from_sns(_deliver: Callable[..., None]) -> Callable[..., None]:
    def deliver_to_lambda(endpoint: str, envelope: str, topic_arn: str, sub_arn: str, *_rest: object) -> None:
        notification = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": sub_arn,
            "Sns": json.loads(envelope),
        }
        if _service_may("sns.amazonaws.com", endpoint, topic_arn):
            _invoke(endpoint, {"Records": [notification]})

    return deliver_to_lambda


def _knowing_for_whom(invoke_target: Callable[..., None]) -> Callable[..., None]:
    def invoke_target_for(target: Any, event: Any, rule: Any, view: Any = None) -> None:  # noqa: ANN401
        token = _for.set((str(rule.get("Arn", "")), str(target.get("RoleArn", ""))))
        try:
            invoke_target(target, event, rule, view)
        finally:
            _for.reset(token)

    return invoke_target_for


def _from_eventbridge(_dispatch: Callable[..., None]) -> Callable[..., None]:
    def dispatch_to_lambda(arn: str, payload: str) -> None:
        source_arn, role_arn = _for.get()
        if ":scheduler:" in source_arn:
            allowed = _role_may(role_arn, arn, source_arn)
        else:
            allowed = _service_may("events.amazonaws.com", arn, source_arn)
        if allowed:
            _invoke(arn, json.loads(payload))

    return dispatch_to_lambda


def _from_s3(deliver: Callable[..., None]) -> Callable[..., None]:
    def deliver_event_to_lambda(arn: str, event: Any, region: str) -> None:  # noqa: ANN401 - MiniStack is untyped
        if _service_may("s3.amazonaws.com", arn, event["Records"][0]["s3"]["bucket"]["arn"]):
            deliver(arn, event, region)

    return deliver_event_to_lambda


FIX = Fix(
    Patch(sns, "_deliver_to_lambda", _from_sns),
    Patch(eventbridge, "_invoke_target", _knowing_for_whom),
    Patch(eventbridge, "_dispatch_to_lambda", _from_eventbridge),
    Patch(s3, "_deliver_event_to_lambda", _from_s3),
)
