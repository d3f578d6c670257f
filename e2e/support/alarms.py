"""Alarms of the localcloud under test: evaluated on demand, and what their topic was told."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.account import Account

MINUTE = 60
DAY = 24 * 60 * MINUTE


class Alarms:
    """The stack's alarms, on a clock of their own: AWS would take minutes to turn one."""

    def __init__(self, account: Account) -> None:
        """Evaluate by the control API of the account's endpoint."""
        self._account = account
        self._http = httpx.Client(base_url=f"{account.target.endpoint_url}/_localcloud", trust_env=False)

    def close(self) -> None:
        """Go back to the time that it is, and stop talking."""
        self.states(0)
        self._http.close()

    def states(self, seconds_ahead: float) -> dict[str, str]:
        """Evaluate as if it was so much later; the state of each alarm by its name without the stack's."""
        answer = self._http.post("/alarms", json={"secondsAhead": seconds_ahead}).raise_for_status()
        prefix = f"{self._account.stack_name}-"
        every: dict[str, str] = answer.json()["alarms"]
        return {name.removeprefix(prefix): state for name, state in every.items() if name.startswith(prefix)}

    @contextmanager
    def told(self, name: str) -> Iterator[Told]:
        """Subscribe a queue with a name to the topic for as long as the block lasts."""
        queues, session = self._account.queues, self._account.target.session()
        topics = session.client("sns", endpoint_url=self._account.target.endpoint_url)
        topic = self._account.resources["AWS::SNS::Topic", "Topic"]
        url = queues.create_queue(QueueName=name)["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        subscription = topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        try:
            yield Told(self._account, url)
        finally:
            topics.unsubscribe(SubscriptionArn=subscription)
            queues.delete_queue(QueueUrl=url)


class Told:
    """What a topic has told."""

    def __init__(self, account: Account, queue_url: str) -> None:
        """Read the queue that is subscribed."""
        self._account = account
        self._queue_url = queue_url
        self._seen: list[tuple[str, str]] = []

    async def alarms(self) -> list[tuple[str, str]]:
        """Each alarm's name and its new state, in the order of their coming."""
        received = self._account.queues.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10)
        for message in received.get("Messages", []):
            alarm = json.loads(json.loads(message["Body"])["Message"])
            self._seen.append((alarm["AlarmName"], alarm["NewStateValue"]))
            self._account.queues.delete_message(
                QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
        return self._seen
