"""Messages of a queue, the event that hands them to a function, and what the function says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was received from a queue."""

    message_id: str
    receipt_handle: str
    body: str
    md5_of_body: str
    attributes: Mapping[str, str]
    """The system attributes, by SQS's names of them."""
    message_attributes: Mapping[str, Mapping[str, Any]]
    """The sender's attributes, spelled as SQS's API spells them (``DataType``, ``StringValue``, ...)."""


def record(message: Message, queue_arn: str, region: str) -> dict[str, Any]:
    """The record of a message in a function's event."""
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": message.attributes,
        "messageAttributes": {
            name: {"stringListValues": [], "binaryListValues": [], **_event_spelling(value)}
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def _event_spelling(attribute: Mapping[str, Any]) -> dict[str, Any]:
    return {name[0].lower() + name[1:]: value for name, value in attribute.items()}


def failed_message_ids(payload: bytes, batch: Collection[str]) -> frozenset[str]:
    """The message ids that a function with ReportBatchItemFailures names as failed.

    As on AWS the whole batch has failed when the answer is not understood: no JSON, ``batchItemFailures`` of
    another kind, or an id that is missing or not in the batch. An empty or missing list is a success.

    Args:
        payload: what the function returned.
        batch: the ids of the messages that it was given.
    """
    everything = frozenset(batch)
    try:
        answer = msgspec.json.decode(payload) if payload else None
    except msgspec.DecodeError:
        return everything
    if answer is None:
        return frozenset()
    if not isinstance(answer, dict):
        return everything
    failures = answer.get("batchItemFailures")
    if failures is None:
        return frozenset()
    if not isinstance(failures, list):
        return everything
    named = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
    failed = frozenset(name for name in named if isinstance(name, str))
    is_understood = all(isinstance(name, str) for name in named) and failed <= everything
    return failed if is_understood else everything
