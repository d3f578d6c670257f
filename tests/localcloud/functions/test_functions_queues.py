"""SQS event source mappings: batches from real queues to functions in real processes."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.functions.event_sources.messages import Message, failed_message_ids, record
from tests.localcloud.functions.functions_fakes import until

if TYPE_CHECKING:
    from tests.localcloud.functions.deployment import Deployment
    from tests.localcloud.in_process_aws import InProcessAws, Json

POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
KEEP_ALL = """
def handler(event, context):
    keep(event)
"""
FAIL_SOME = """
def handler(event, context):
    keep(event)
    bad = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}
"""
RAISE = """
def handler(event, context):
    keep(event)
    raise ValueError("no")
"""


def queue_arn(name: str) -> str:
    """The ARN of a queue."""
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


async def sqs(aws: InProcessAws, operation: str, queue: str, **parameters: Any) -> Json:
    """A call of SQS on a queue."""
    url = f"http://127.0.0.1:4566/000000000000/{queue}"
    return await aws.target("sqs", f"AmazonSQS.{operation}", {"QueueUrl": url, **parameters})


async def make_queue(aws: InProcessAws, name: str, **attributes: str) -> str:
    """Make a queue; its ARN."""
    created = await aws.target("sqs", "AmazonSQS.CreateQueue", {"QueueName": name, "Attributes": attributes})
    assert "QueueUrl" in created, created
    return queue_arn(name)


async def send(aws: InProcessAws, queue: str, *bodies: str, **each: str) -> None:
    """Send messages, all at once."""
    entries = [{"Id": str(number), "MessageBody": body, **each} for number, body in enumerate(bodies)]
    sent = await sqs(aws, "SendMessageBatch", queue, Entries=entries)
    assert len(sent["Successful"]) == len(bodies), sent


async def count(aws: InProcessAws, queue: str) -> tuple[int, int]:
    """How many messages of a queue are visible, and how many are not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = await sqs(aws, "GetQueueAttributes", queue, AttributeNames=names)
    return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])


async def until_empty(aws: InProcessAws, queue: str) -> None:
    """Wait until a queue has no message at all; TimeoutError when it keeps one."""
    async with asyncio.timeout(20):
        while await count(aws, queue) != (0, 0):  # noqa: ASYNC110 - a queue sets no events
            await asyncio.sleep(0.005)


async def map_queue(deployment: Deployment, name: str, code: str, **mapping: Any) -> None:
    """Map the queue ``name`` to a function of the same name that may poll it."""
    arn = queue_arn(name)
    await deployment.function(name, code, {action: [arn] for action in POLLING}, Timeout=1)
    created = await deployment.aws.post(
        "lambda",
        "/2015-03-31/event-source-mappings",
        {"FunctionName": name, "EventSourceArn": arn, **mapping},
    )
    assert "UUID" in created, created


async def test_queue_message_becomes_the_event_that_aws_sends(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """The event has AWS's fields and no others, and the message is deleted once the function has returned."""
    await make_queue(aws, "golden")
    await map_queue(deployment, "golden", KEEP_ALL)
    attribute = {"DataType": "String", "StringValue": "en"}
    await sqs(aws, "SendMessage", "golden", MessageBody="hi", MessageAttributes={"language": attribute})
    [event] = await deployment.events("golden", 1)
    [found] = event["Records"]
    assert len(found.pop("messageId")) == 36
    assert found.pop("receiptHandle")
    sent, first = (
        int(found["attributes"].pop(name)) for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp")
    )
    assert sent <= first
    assert found == {
        "body": "hi",
        "attributes": {"ApproximateReceiveCount": "1", "SenderId": "000000000000"},
        "messageAttributes": {
            "language": {
                "stringValue": "en",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "md5OfBody": "49f68a5c8493ec2c0bf489821c21fc3b",
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn("golden"),
        "awsRegion": "us-east-1",
    }
    await until_empty(aws, "golden")


async def test_queue_batch_partly_failed_returns_the_failed_alone(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """With ReportBatchItemFailures what the function does not name is deleted, what it names comes back."""
    await make_queue(aws, "partial", VisibilityTimeout="1")
    await map_queue(
        deployment, "partial", FAIL_SOME, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    await send(aws, "partial", "good 1", "bad 1", "good 2")
    first, again = sorted(await deployment.events("partial", 2), key=lambda event: -len(event["Records"]))
    assert [each["body"] for each in first["Records"]] == ["good 1", "bad 1", "good 2"]
    [returned] = again["Records"]
    assert (returned["body"], returned["attributes"]["ApproximateReceiveCount"]) == ("bad 1", "2")


async def test_queue_batch_failed_reaches_the_dead_letter_queue(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """A message that its function fails maxReceiveCount times moves to the dead-letter queue."""
    dead = await make_queue(aws, "failing-dead")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    await make_queue(aws, "failing", VisibilityTimeout="1", RedrivePolicy=redrive)
    await map_queue(deployment, "failing", RAISE)
    await send(aws, "failing", "poison")
    received = await sqs(aws, "ReceiveMessage", "failing-dead", WaitTimeSeconds=10)
    assert [message["Body"] for message in received["Messages"]] == ["poison"]
    assert len(deployment.kept("failing")) == 1


async def test_queue_filter_deletes_what_does_not_match(deployment: Deployment, aws: InProcessAws) -> None:
    """A message that matches none of the patterns is deleted without the function."""
    await make_queue(aws, "filtered")
    pattern = json.dumps({"body": {"kind": ["chat"]}})
    await map_queue(deployment, "filtered", KEEP_ALL, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    await send(aws, "filtered", '{"kind": "typing"}', '{"kind": "chat"}')
    await until_empty(aws, "filtered")
    events = deployment.kept("filtered")
    assert [each["body"] for event in events for each in event["Records"]] == ['{"kind": "chat"}']


async def test_queue_window_gathers_a_batch(deployment: Deployment, aws: InProcessAws) -> None:
    """With a batching window messages that come one by one go in one event, as soon as it is full."""
    await make_queue(aws, "window")
    await map_queue(deployment, "window", KEEP_ALL, BatchSize=12, MaximumBatchingWindowInSeconds=20)
    for number in range(3):
        await send(aws, "window", *(f"{number}.{part}" for part in range(4)))
    [event] = await deployment.events("window", 1)
    assert len(event["Records"]) == 12


async def test_queue_fifo_keeps_each_group_in_order(deployment: Deployment, aws: InProcessAws) -> None:
    """Messages of a group arrive in their order, though batches of other groups run beside them."""
    await make_queue(aws, "ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    arn = queue_arn("ordered.fifo")
    code = "import time\ndef handler(event, context):\n    keep({'at': time.time(), **event})\n"
    await deployment.function("ordered", code, {action: [arn] for action in POLLING})
    for number in range(3):
        for group in ("a", "b"):
            await send(aws, "ordered.fifo", f"{group}{number}", MessageGroupId=group)
    body = {"FunctionName": "ordered", "EventSourceArn": arn, "BatchSize": 1}
    await aws.post("lambda", "/2015-03-31/event-source-mappings", body)
    events = sorted(await deployment.events("ordered", 6), key=lambda event: event["at"])
    bodies = [event["Records"][0]["body"] for event in events]
    assert [each for each in bodies if each[0] == "a"] == ["a0", "a1", "a2"]
    assert [each for each in bodies if each[0] == "b"] == ["b0", "b1", "b2"]
    attributes = events[0]["Records"][0]["attributes"]
    assert {"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"} < attributes.keys()


async def test_queue_without_permission_is_not_polled(
    deployment: Deployment, aws: InProcessAws, caplog: pytest.LogCaptureFixture
) -> None:
    """A queue that the role may not read is neither mapped nor, when that is taken away, polled."""
    arn = await make_queue(aws, "forbidden")
    allowed = {action: [arn] for action in POLLING}
    await deployment.function("forbidden", KEEP_ALL, {**allowed, "sqs:DeleteMessage": [f"{arn}-other"]})
    refused = await map_function(aws, "forbidden", arn)
    message = "The provided execution role does not have permissions to call DeleteMessage on SQS"
    assert (refused["__type"], refused["message"]) == ("InvalidParameterValueException", message)
    await deployment.allow("forbidden", allowed)
    assert "UUID" in await map_function(aws, "forbidden", arn)
    with caplog.at_level(logging.WARNING, "localcloud"):
        await deployment.allow("forbidden", {**allowed, "sqs:DeleteMessage": [f"{arn}-other"]})
        await until(lambda: "the role of forbidden may not sqs:DeleteMessage" in caplog.text)
        await send(aws, "forbidden", "hi")
    assert await count(aws, "forbidden") == (1, 0)
    await deployment.allow("forbidden", allowed)
    assert len(await deployment.events("forbidden", 1)) == 1
    assert caplog.text.count("may not sqs:DeleteMessage") == 1


async def map_function(aws: InProcessAws, name: str, queue: str, **mapping: Any) -> Json:
    """What CreateEventSourceMapping says to a mapping."""
    body = {"FunctionName": name, "EventSourceArn": queue, **mapping}
    return await aws.post("lambda", "/2015-03-31/event-source-mappings", body)


async def test_queue_mapping_that_lambda_refuses_is_refused(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """A visibility timeout below the function's timeout, and a large batch without a window, are refused."""
    arn = await make_queue(aws, "refused", VisibilityTimeout="4")
    await deployment.function("refused", KEEP_ALL, {action: [arn] for action in POLLING}, Timeout=5)
    short = await map_function(aws, "refused", arn)
    assert short["message"] == (
        "Queue visibility timeout: 4 seconds is less than Function timeout: 5 seconds"
    )
    await sqs(aws, "SetQueueAttributes", "refused", Attributes={"VisibilityTimeout": "30"})
    large = await map_function(aws, "refused", arn, BatchSize=11)
    assert large["message"].startswith("Maximum batch window in seconds must be greater than 0")


async def test_queue_mapping_that_lambda_refuses_fails_its_stack(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """A template with such a mapping rolls back."""
    arn = await make_queue(aws, "unread")
    await deployment.function("unread", KEEP_ALL)
    assert await aws.deploy("unread", mapping_template("unread", arn)) == "ROLLBACK_COMPLETE"


async def test_queue_mapping_that_lambda_refuses_unfixed_is_made(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """MiniStack alone makes it."""
    from localcloud.ministack.fixes import event_source_mapping_checks  # noqa: PLC0415

    arn = await make_queue(aws, "unchecked")
    await deployment.function("unchecked", KEEP_ALL)
    with event_source_mapping_checks.FIX.undone():
        assert await aws.deploy("unchecked", mapping_template("unchecked", arn)) == "CREATE_COMPLETE"
    await aws.delete("unchecked")


def mapping_template(function: str, queue: str, **settings: Any) -> Json:
    """A template of one mapping."""
    properties = {"FunctionName": function, "EventSourceArn": queue, **settings}
    return {"Resources": {"Map": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}}}


async def test_queue_mapping_of_a_template_follows_its_changes(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """A mapping that a template makes disabled polls once the template enables it, and not after its end."""
    arn = await make_queue(aws, "template")
    await deployment.function("template", KEEP_ALL, {action: [arn] for action in POLLING})
    disabled, enabled = (mapping_template("template", arn, BatchSize="5", Enabled=on) for on in (False, True))
    assert await aws.deploy("template", disabled) == "CREATE_COMPLETE"
    listed = await aws.get("lambda", "/2015-03-31/event-source-mappings")
    [mapping] = [each for each in listed["EventSourceMappings"] if each["EventSourceArn"] == arn]
    assert mapping["State"] == "Disabled"
    await send(aws, "template", "hi")
    assert await count(aws, "template") == (1, 0)
    assert await aws.deploy("template", enabled) == "UPDATE_COMPLETE"
    assert len(await deployment.events("template", 1)) == 1
    await aws.delete("template")


async def test_queue_mapping_of_a_template_unfixed_is_enabled(
    deployment: Deployment, aws: InProcessAws
) -> None:
    """MiniStack alone calls a mapping enabled that its template disables."""
    from localcloud.ministack.fixes import event_source_mapping_state  # noqa: PLC0415

    arn = await make_queue(aws, "unfixed")
    await deployment.function("unfixed", KEEP_ALL, {action: [arn] for action in POLLING})
    with event_source_mapping_state.FIX.undone():
        assert (
            await aws.deploy("unfixed", mapping_template("unfixed", arn, Enabled=False)) == "CREATE_COMPLETE"
        )
    listed = await aws.get("lambda", "/2015-03-31/event-source-mappings")
    states = [each["State"] for each in listed["EventSourceMappings"] if each["EventSourceArn"] == arn]
    await aws.delete("unfixed")
    assert states == ["Enabled"]


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (b"null", set()),
        (b"", set()),
        (b"{}", set()),
        (b'{"batchItemFailures":[]}', set()),
        (b'{"batchItemFailures":null}', set()),
        (b'{"batchItemFailures":[{"itemIdentifier":"a"}]}', {"a"}),
        (b'{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}', {"a"}),
        (b'{"batchItemFailures":[{"itemIdentifier":""}]}', {"a", "b"}),
        (b'{"batchItemFailures":[{"itemIdentifier":null}]}', {"a", "b"}),
        (b'{"batchItemFailures":[{"messageId":"a"}]}', {"a", "b"}),
        (b'{"batchItemFailures":[{"itemIdentifier":"c"}]}', {"a", "b"}),
        (b'{"batchItemFailures":["a"]}', {"a", "b"}),
        (b'{"batchItemFailures":"a"}', {"a", "b"}),
        (b'"a"', {"a", "b"}),
        (b"{", {"a", "b"}),
    ],
)
def test_failed_message_ids_of_an_answer(answer: bytes, failed: set[str]) -> None:
    """Named ids have failed, nothing named is a success, and what is not understood fails the batch."""
    assert failed_message_ids(answer, ["a", "b"]) == failed


def test_record_of_a_number_attribute_is_spelled_for_events() -> None:
    """Attributes of any type are passed on with a small first letter, and empty lists beside them."""
    attribute = {"DataType": "Number", "StringValue": "7"}
    message = Message("m", "r", "b", "md5", {}, {"n": attribute})
    assert record(message, "arn", "us-east-1")["messageAttributes"] == {
        "n": {"dataType": "Number", "stringValue": "7", "stringListValues": [], "binaryListValues": []}
    }


async def test_queue_state_is_read_without_a_copy(aws: InProcessAws) -> None:
    """A save, which holds everyone up, does not copy the messages first."""
    from ministack.services import sqs as service  # noqa: PLC0415 - after it is configured

    await make_queue(aws, "saved")
    assert service.get_state()["queues"] is service._queues  # noqa: SLF001


async def test_queue_state_unfixed_is_a_copy(aws: InProcessAws) -> None:
    """MiniStack alone copies every message."""
    from ministack.services import sqs as service  # noqa: PLC0415 - after it is configured

    from localcloud.ministack.fixes import queue_state  # noqa: PLC0415

    await make_queue(aws, "copied")
    with queue_state.FIX.undone():
        assert service.get_state()["queues"] is not service._queues  # noqa: SLF001
