"""The stack's queues, as an operator looks into them and sets them for a while."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from e2e.support.account import Account


def queue_url(account: Account, logical_id: str) -> str:
    """Give the URL of the queue that the templates call by this logical id."""
    return account.resources["AWS::SQS::Queue", logical_id]


@contextmanager
def queue_set(account: Account, logical_id: str, **attributes: str) -> Iterator[None]:
    """Have a queue's attributes be other ones for as long as the block lasts."""
    url = queue_url(account, logical_id)
    names: Any = list(attributes)
    before: Mapping[Any, str] = account.queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)[
        "Attributes"
    ]
    account.queues.set_queue_attributes(QueueUrl=url, Attributes=dict[Any, str](attributes))
    try:
        yield
    finally:
        account.queues.set_queue_attributes(QueueUrl=url, Attributes=dict[Any, str](before))


async def take_all(account: Account, logical_id: str) -> list[dict[str, Any]]:
    """Take what a queue hands out now, ten messages at most; their bodies, each read as JSON."""
    url = queue_url(account, logical_id)
    received = account.queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in received:
        account.queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in received]
