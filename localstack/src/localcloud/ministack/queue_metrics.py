"""SQS's own metrics: how many messages a queue holds, and how old the oldest is.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import sqs

from localcloud.cloudwatch.metrics import STANDARD_RESOLUTION, DataPoint, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMESPACE = "AWS/SQS"
_MOST_RECEIVED = 3
"""A message that was received more often has no share in the age of the oldest."""


class QueueMetrics:
    """Measures the queues of one account and region."""

    def __init__(self, account_id: str, region: str) -> None:
        """Measure nothing yet."""
        self._account_id = account_id
        self._region = region
        self._full: set[str] = set()

    def measure(self, now: float) -> list[DataPoint]:
        """The metrics of the minute that has ended by ``now``, of queues that hold messages or just did.

        SQS too is silent about queues where nothing happens.
        """
        minute = int(now) // STANDARD_RESOLUTION * STANDARD_RESOLUTION - STANDARD_RESOLUTION
        late = now - time.time()
        points = []
        full = set()
        with request_scope(self._account_id, self._region), sqs._queues_lock:  # noqa: SLF001
            for queue in sqs._queues.values():  # noqa: SLF001
                name = str(queue["name"])
                if queue["messages"]:
                    full.add(name)
                elif name not in self._full:
                    continue
                for metric, unit, value in _values(queue["messages"], late):
                    named = Metric(_NAMESPACE, metric, (("QueueName", name),), unit)
                    points.append(DataPoint(named, minute, {value: 1}))
        self._full = full
        return points


def _values(messages: list[dict[str, Any]], late: float) -> Iterator[tuple[str, str, float]]:
    now = time.time()
    hidden = [message for message in messages if message.get("visible_at", 0.0) > now]
    in_flight = sum(message.get("receive_count", 0) > 0 for message in hidden)
    ages = [
        now - message.get("sent_at", now)
        for message in messages
        if message.get("receive_count", 0) <= _MOST_RECEIVED
    ]
    yield "ApproximateNumberOfMessagesVisible", "Count", float(len(messages) - len(hidden))
    yield "ApproximateNumberOfMessagesNotVisible", "Count", float(in_flight)
    yield "ApproximateNumberOfMessagesDelayed", "Count", float(len(hidden) - in_flight)
    yield "ApproximateAgeOfOldestMessage", "Seconds", round(max(ages) + late) if ages else 0.0
