"""Telling destinations and dead-letter queues what became of an event."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msgspec

from localcloud.functions.asynchronous.records import dead_letter_attributes, record
from localcloud.functions.asynchronous.retries import Condition
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.functions.asynchronous.configuration import Configuration
    from localcloud.functions.asynchronous.retries import Outcome
    from localcloud.functions.roles import Roles
    from localcloud.interfaces import ControlPlane

logger = logging.getLogger(__name__)

_ACTIONS: Final = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}
"""What the function's role must be allowed, by the service of the target."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Something to be sent."""

    target: str
    """The ARN of where to."""
    body: bytes
    attributes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Data type and value by name; queues and topics have them."""
    detail_type: str = ""
    """What an event bus calls it."""

    @property
    def service(self) -> str:
        """The service of the target; empty when that is no ARN."""
        return [*self.target.split(":"), "", ""][2]


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
        self, outcome: Outcome, configuration: Configuration, payload: bytes, now: float
    ) -> None:
        """Tell whoever the function's configuration names; a failure to do so is logged, as nobody waits.

        Args:
            outcome: what became of the event.
            configuration: the function's.
            payload: the event's.
            now: epoch seconds.
        """
        is_success = outcome.condition is Condition.SUCCESS
        if not is_success and configuration.dead_letter_target:
            attributes = dead_letter_attributes(outcome)
            await self._send(configuration, _Delivery(configuration.dead_letter_target, payload, attributes))
        if destination := configuration.on_success if is_success else configuration.on_failure:
            body = record(outcome, configuration, payload, now)
            detail_type = f"Lambda Function Invocation Result - {'Success' if is_success else 'Failure'}"
            await self._send(configuration, _Delivery(destination, body, detail_type=detail_type))

    async def _send(self, function: Configuration, delivery: _Delivery) -> None:
        name = function.function_name
        action = _ACTIONS.get(delivery.service)
        if action is None:
            _log_lost(name, f"{delivery.target} is no queue, topic, function or event bus")
        elif self._roles.may(name, action, delivery.target) is not None:
            _log_lost(name, f"its role may not {action} on {delivery.target}; allow it in the role's policy")
        elif delivery.service == "lambda":
            self._accept(delivery.target, delivery.body)
        else:
            request = _request(delivery, function.function_arn)
            response = await self._control_plane.call(delivery.service, request)
            if response.status != 200 or b'"ErrorCode"' in response.body:  # noqa: PLR2004 - HTTP's OK
                answer = response.body[:300].decode(errors="replace")
                _log_lost(name, f"{delivery.target} answered {answer}")


def _log_lost(name: str, reason: str) -> None:
    logger.warning("What became of an event of %s is lost: %s.", name, reason)


def _request(delivery: _Delivery, function_arn: str) -> Request:
    match delivery.service:
        case "sqs":
            return _send_message(delivery)
        case "sns":
            return _publish(delivery)
        case _:
            return _put_events(delivery, function_arn)


def _send_message(delivery: _Delivery) -> Request:
    _, _, _, region, account, queue = delivery.target.split(":", 5)
    message = {
        "QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{queue}",
        "MessageBody": delivery.body.decode(),
        "MessageAttributes": {
            name: {"DataType": kind, "StringValue": value}
            for name, (kind, value) in delivery.attributes.items()
        },
    }
    return _json_request("AmazonSQS.SendMessage", message)


def _put_events(delivery: _Delivery, function_arn: str) -> Request:
    entry = {
        "Source": "lambda",
        "DetailType": delivery.detail_type,
        "Detail": delivery.body.decode(),
        "EventBusName": delivery.target,
        "Resources": [delivery.target, function_arn],
    }
    return _json_request("AWSEvents.PutEvents", {"Entries": [entry]})


def _json_request(operation: str, body: Mapping[str, Any]) -> Request:
    headers = ((b"x-amz-target", operation.encode()), (b"content-type", b"application/x-amz-json-1.0"))
    return Request("POST", "/", b"/", b"", headers, msgspec.json.encode(body))


def _publish(delivery: _Delivery) -> Request:
    form = {"Action": "Publish", "TopicArn": delivery.target, "Message": delivery.body.decode()}
    for number, (name, (kind, value)) in enumerate(delivery.attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": name, f"{entry}.Value.DataType": kind, f"{entry}.Value.StringValue": value}
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    return Request("POST", "/", b"/", b"", headers, urlencode(form).encode())
