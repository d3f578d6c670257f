"""SQS's queues as Lambda's event source mappings read them: receive, delete, and be woken when one fills."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ministack.core import concurrency
from ministack.core.responses import request_scope
from ministack.services import lambda_svc, sqs

from localcloud.functions.event_sources.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from localcloud.ministack.changes import Changes


class Queues:
    """The queues of one account and region; implements the ``Queues`` of ``functions.event_sources``."""

    def __init__(self, account_id: str, region: str, changes: Changes) -> None:
        """Tell ``changes`` of what is received and deleted, so that it is saved.

        From now on MiniStack reads no queue for functions by itself.
        """
        self._account_id = account_id
        self._region = region
        self._changes = changes
        lambda_svc._poll_sqs = lambda: False  # noqa: SLF001

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on this event loop whenever a queue may have something new."""
        loop = asyncio.get_running_loop()
        wake = concurrency.esm_wake
        wake_ministack = type(wake).set

        def wake_both() -> None:
            wake_ministack(wake)
            if not loop.is_closed():
                loop.call_soon_threadsafe(listener)

        wake.set = wake_both

    def receive(self, queue_arn: str, most: int) -> list[Message]:
        """Up to ``most`` messages (10 at most), which are then invisible for the queue's visibility timeout.

        Raises:
            KeyError: there is no such queue.
        """
        with request_scope(self._account_id, self._region):
            received = sqs._receive_messages_for_esm(self._url(queue_arn), most)  # noqa: SLF001
        if received:
            self._note("ReceiveMessage")
        return [_message(message) for message in received]

    def delete(self, queue_arn: str, receipt_handles: Collection[str]) -> None:
        """Delete received messages.

        Raises:
            KeyError: there is no such queue.
        """
        with request_scope(self._account_id, self._region):
            sqs._delete_messages_for_esm(self._url(queue_arn), set(receipt_handles))  # noqa: SLF001
        self._note("DeleteMessageBatch")

    def matching(self, records: Sequence[dict[str, Any]], filters: Sequence[str]) -> list[dict[str, Any]]:
        """Those records of an event that match one of an event source mapping's filter patterns (JSON)."""
        criteria = {"FilterCriteria": {"Filters": [{"Pattern": pattern} for pattern in filters]}}
        matching: list[dict[str, Any]] = lambda_svc._apply_filter_criteria(list(records), criteria)  # noqa: SLF001
        return matching

    def _url(self, queue_arn: str) -> str:
        queue = sqs._queue_by_arn(queue_arn)  # noqa: SLF001
        if queue is None:
            raise KeyError(f"There is no queue {queue_arn}: create it, or correct the event source mapping.")
        name = str(queue["attributes"]["QueueArn"]).rpartition(":")[2]
        return str(sqs._queue_url(name))  # noqa: SLF001

    def _note(self, operation: str) -> None:
        self._changes.call("sqs", "POST", "/", b"AmazonSQS." + operation.encode())


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
