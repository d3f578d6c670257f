"""SQS's queues as Lambda's event source mappings read them: receive, delete, and be woken when one fills."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from typing import TYPE_CHECKING, Any

from ministack.core import concurrency
from ministack.core.responses import request_scope
from ministack.services import lambda_svc, sqs

from localcloud.functions.event_sources.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from localcloud.ministack.changes import Changes

_SWEEP_SECONDS = 1.0
"""How late a message may be dropped whose retention is over."""


class Queues:
    """The queues of one account and region; implements the ``Queues`` of ``functions.event_sources``."""

    def __init__(self, account_id: str, region: str, changes: Changes) -> None:
        """Tell ``changes`` of what is received and deleted, so that it is saved.

        From now on MiniStack reads no queue for functions by itself.
        """
        self._account_id = account_id
        self._region = region
        self._changes = changes
        self._swept: dict[str, float] = {}
        """When messages beyond their retention were last dropped, by queue."""
        lambda_svc._poll_sqs = lambda: False  # noqa: SLF001

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on this event loop whenever a queue may have something new."""
        loop = asyncio.get_running_loop()
        wake = concurrency.esm_wake
        wake_others = wake.set  # MiniStack's own, and who listens already

        def wake_both() -> None:
            wake_others()
            if not loop.is_closed():
                loop.call_soon_threadsafe(listener)

        wake.set = wake_both

    def receive(self, queue_arn: str, most: int) -> list[Message]:
        """Up to ``most`` messages (10 at most), which are then invisible for the queue's visibility timeout.

        Raises:
            KeyError: there is no such queue.
        """
        with request_scope(self._account_id, self._region), sqs._queues_lock:  # noqa: SLF001
            queue = self._queue(queue_arn)
            if time.monotonic() >= self._swept.get(queue_arn, 0.0) + _SWEEP_SECONDS:
                self._swept[queue_arn] = time.monotonic()
                sqs._expire_retained(queue)  # noqa: SLF001
            received = _collect(queue, most)
        if received:
            self._note("ReceiveMessage")
        return [_message(message) for message in received]

    def delete(self, queue_arn: str, receipt_handles: Collection[str]) -> None:
        """Delete received messages.

        Raises:
            KeyError: there is no such queue.
        """
        wanted = set(receipt_handles)
        with request_scope(self._account_id, self._region), sqs._queues_lock:  # noqa: SLF001
            messages = self._queue(queue_arn)["messages"]
            at = 0  # what was received is near the beginning, however long the queue is
            while wanted and at < len(messages):
                handle = messages[at].get("receipt_handle")
                if handle in wanted:
                    wanted.remove(handle)
                    del messages[at]
                else:
                    at += 1
        self._note("DeleteMessageBatch")

    def matching(self, records: Sequence[dict[str, Any]], filters: Sequence[str]) -> list[dict[str, Any]]:
        """Those records of an event that match one of an event source mapping's filter patterns (JSON)."""
        criteria = {"FilterCriteria": {"Filters": [{"Pattern": pattern} for pattern in filters]}}
        matching: list[dict[str, Any]] = lambda_svc._apply_filter_criteria(list(records), criteria)  # noqa: SLF001
        return matching

    def _queue(self, queue_arn: str) -> dict[str, Any]:
        queue: dict[str, Any] | None = sqs._queue_by_arn(queue_arn)  # noqa: SLF001
        if queue is None:
            raise KeyError(f"There is no queue {queue_arn}: create it, or correct the event source mapping.")
        return queue

    def _note(self, operation: str) -> None:
        self._changes.call("sqs", "POST", "/", b"AmazonSQS." + operation.encode())


def _collect(queue: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The first visible messages, made invisible.

    MiniStack looks through the whole queue for them, several times, which takes 20 ms of everyone's time
    where 10,000 messages wait.
    """
    visible_seconds = int(queue["attributes"].get("VisibilityTimeout", "30"))
    if queue["is_fifo"]:
        sqs._dlq_sweep(queue)  # noqa: SLF001
        in_order: list[dict[str, Any]] = sqs._collect_msgs(queue, most, visible_seconds)  # noqa: SLF001
        return in_order
    found = _visible(queue, most)
    if any(message["receive_count"] for message in found):  # one of them may have had its last chance
        sqs._dlq_sweep(queue)  # noqa: SLF001
        found = _visible(queue, most)
    now = time.time()
    for message in found:
        message["receipt_handle"] = str(uuid.uuid4())
        message["visible_at"] = now + visible_seconds
        message["receive_count"] += 1
        if message["first_receive_at"] is None:
            message["first_receive_at"] = now
    return found


def _visible(queue: dict[str, Any], most: int) -> list[dict[str, Any]]:
    now = time.time()
    visible = (each for each in queue["messages"] if each.get("visible_at", 0.0) <= now)
    found = list(itertools.islice(visible, most))
    for message in found:
        sqs._ensure_msg_fields(message)  # noqa: SLF001 - what other services send lacks some
    return found


def _message(message: dict[str, Any]) -> Message:
    attributes = {
        "ApproximateReceiveCount": str(message["receive_count"]),
        "SentTimestamp": str(int(message["sent_at"] * 1000)),
        "SenderId": message["sys"]["SenderId"],
        "ApproximateFirstReceiveTimestamp": str(int(message["first_receive_at"] * 1000)),
    }
    optional = {
        "SequenceNumber": message["seq"],
        "MessageGroupId": message["group_id"],
        "MessageDeduplicationId": message["dedup_id"],
        "AWSTraceHeader": message["sys"].get("AWSTraceHeader"),
        "DeadLetterQueueSourceArn": message["sys"].get("DeadLetterQueueSourceArn"),
    }
    attributes |= {name: str(value) for name, value in optional.items() if value is not None}
    return Message(
        message_id=message["id"],
        receipt_handle=message["receipt_handle"],
        body=message["body"],
        md5_of_body=message["md5_body"],
        attributes=attributes,
        message_attributes=message["message_attributes"],
    )
