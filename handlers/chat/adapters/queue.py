"""A queue of SQS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_NO_CHARACTERS = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}
"""What JSON may hold as it is and SQS refuses, as JSON also writes it."""


class SqsQueue:
    """Serves `ports.Queue`."""

    def __init__(self, client: SQSClient, url: str) -> None:
        """Use the queue with this URL."""
        self._client = client
        self._url = url

    def send(self, message: bytes, delay_seconds: int = 0) -> None:
        """Enqueue a message, one JSON value, to be handed out after so many seconds."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=message.decode().translate(_NO_CHARACTERS),
            DelaySeconds=delay_seconds,
        )
