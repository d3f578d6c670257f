"""Telling destinations and dead-letter queues what became of an event."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msgspec

from localcloud.functions.asynchronous.retries import Condition
from localcloud.functions.catalog import LATEST
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.functions.asynchronous.configuration import Configuration
    from localcloud.functions.asynchronous.retries import Outcome
    from localcloud.functions.roles import Roles
    from localcloud.interfaces import ControlPlane

logger = logging.getLogger(__name__)

_THROTTLED: Final = 429
_ERROR_MESSAGE_CHARACTERS: Final = 1024
_ACTIONS: Final = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}
"""What the function's role must be allowed, by the service of the target."""


def record(outcome: Outcome, function_arn: str, payload: bytes, now: float) -> bytes:
    """The JSON that AWS sends to a destination.

    Args:
        outcome: what became of the event.
        function_arn: the function's, without a qualifier.
        payload: the event's.
        now: epoch seconds.
    """
    event, result = outcome.event, outcome.result
    is_refused = result is None or result.throttled
    response: dict[str, Any] = {"statusCode": _THROTTLED if is_refused else 200, "executedVersion": LATEST}
    if result is not None and result.function_error is not None:
        response["functionError"] = result.function_error
    timestamp = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    fields = {
        "version": "1.0",
        "timestamp": timestamp.replace("+00:00", "Z"),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": f"{function_arn}:{LATEST}",
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


class Destinations:
    """Sends to queues, topics, functions and event buses what their functions' roles allow."""

    def __init__(
        self, control_plane: ControlPlane, roles: Roles, accept: Callable[[str, bytes], object]
    ) -> None:
        """Send through ``control_plane``; functions are invoked by ``accept``."""
        self._control_plane = control_plane
        self._roles = roles
        self._accept = accept

    async def report(
        self, outcome: Outcome, configuration: Configuration, name: str, payload: bytes, now: float
    ) -> None:
        """Tell whoever the function's configuration names; a failure to do so is logged, as nobody waits."""
        function_arn = (
            f"arn:aws:lambda:{self._control_plane.region}:{self._control_plane.account_id}:function:{name}"
        )
        is_success = outcome.condition is Condition.SUCCESS
        if not is_success and configuration.dead_letter_target:
            attributes = dead_letter_attributes(outcome)
            await self._deliver(name, configuration.dead_letter_target, payload, attributes, "")
        if destination := configuration.on_success if is_success else configuration.on_failure:
            body = record(outcome, function_arn, payload, now)
            detail_type = f"Lambda Function Invocation Result - {'Success' if is_success else 'Failure'}"
            await self._deliver(name, destination, body, {}, detail_type)

    async def _deliver(
        self, name: str, target: str, body: bytes, attributes: Mapping[str, tuple[str, str]], detail_type: str
    ) -> None:
        service = target.split(":")[2] if target.count(":") >= 5 else ""  # noqa: PLR2004 - an ARN's parts
        action = _ACTIONS.get(service)
        if action is None:
            _log_lost(name, f"{target} is no queue, topic, function or event bus")
            return
        denied = self._roles.may(name, action, target)
        if denied is not None:
            _log_lost(name, f"its role may not {action} on {target}; allow it in the role's policy")
            return
        if service == "lambda":
            self._accept(target, body)
            return
        request = self._request(service, name, target, body.decode(), attributes, detail_type)
        response = await self._control_plane.call(service, request)
        if response.status != 200 or b'"ErrorCode"' in response.body:  # noqa: PLR2004 - HTTP's OK
            _log_lost(name, f"{target} answered {response.body[:300].decode(errors='replace')}")

    def _request(
        self,
        service: str,
        name: str,
        target: str,
        body: str,
        attributes: Mapping[str, tuple[str, str]],
        detail_type: str,
    ) -> Request:
        _, _, _, region, account, resource = target.split(":", 5)
        if service == "sqs":
            message = {
                "QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{resource}",
                "MessageBody": body,
                "MessageAttributes": {
                    key: {"DataType": kind, "StringValue": value} for key, (kind, value) in attributes.items()
                },
            }
            return _json_request("AmazonSQS.SendMessage", "application/x-amz-json-1.0", message)
        if service == "sns":
            return _publish(target, body, attributes)
        function_arn = f"arn:aws:lambda:{region}:{account}:function:{name}:{LATEST}"
        entry = {
            "Source": "lambda",
            "DetailType": detail_type,
            "Detail": body,
            "EventBusName": target,
            "Resources": [target, function_arn],
        }
        return _json_request("AWSEvents.PutEvents", "application/x-amz-json-1.1", {"Entries": [entry]})


def _log_lost(name: str, reason: str) -> None:
    logger.warning("What became of an event of %s is lost: %s.", name, reason)


def _json_request(target: str, content_type: str, body: Mapping[str, Any]) -> Request:
    headers = ((b"x-amz-target", target.encode()), (b"content-type", content_type.encode()))
    return Request("POST", "/", b"/", b"", headers, msgspec.json.encode(body))


def _publish(topic: str, message: str, attributes: Mapping[str, tuple[str, str]]) -> Request:
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic, "Message": message}
    for number, (name, (kind, value)) in enumerate(attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": name, f"{entry}.Value.DataType": kind, f"{entry}.Value.StringValue": value}
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    return Request("POST", "/", b"/", b"", headers, urlencode(form).encode())
