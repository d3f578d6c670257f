"""A queue of SQS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

_NO_CHARACTERS = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}
"""What JSON may hold as it is and SQS refuses, as JSON also writes it."""


class SqsQueue:
    """Serves `ports.Queue`."""

    def __init__(self, client: SQSClient, url: str, request_id: Callable[[], str]) -> None:
        """Use the queue with this URL; `request_id` gives the id of the request now, empty for none."""
        self._client = client
        self._url = url
        self._request_id = request_id

    def send(self, message: bytes, delay_seconds: int = 0) -> None:
        """Enqueue a message, one JSON value, to be handed out after so many seconds.

        It takes the id of the request along that it comes from, by which its task is logged, and those that
        the task enqueues in its turn.
        """
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=message.decode().translate(_NO_CHARACTERS),
            DelaySeconds=delay_seconds,
            MessageAttributes=_origin(self._request_id()),
        )


def _origin(request_id: str) -> dict[str, MessageAttributeValueTypeDef]:
    return {"requestId": {"DataType": "String", "StringValue": request_id}} if request_id else {}
