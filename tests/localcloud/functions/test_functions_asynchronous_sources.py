"""What invokes functions asynchronously, with real functions: Invoke, SNS, EventBridge, S3, destinations."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from localcloud.interfaces import Request
from tests.localcloud.functions.functions_fakes import until

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.functions.deployment import Deployment
    from tests.localcloud.in_process_aws import InProcessAws, Json

KEEP_ALL = """
def handler(event, context):
    keep(event)
"""
RAISE = """
def handler(event, context):
    keep({"id": context.aws_request_id})
    raise ValueError("no")
"""
MEBIBYTE = 1024 * 1024


async def invoke(ministack: MiniStack, name: str, payload: bytes, kind: str = "Event") -> tuple[int, bytes]:
    """Invoke a function; the status and the answer."""
    path = f"/2015-03-31/functions/{name}/invocations"
    headers = ((b"x-amz-invocation-type", kind.encode()),)
    response = await ministack.call("lambda", Request("POST", path, path.encode(), b"", headers, payload))
    return response.status, response.body


async def answered_request_id(ministack: MiniStack, name: str, kind: str) -> str:
    """The request id that Invoke answers with; empty when it answers with none."""
    path = f"/2015-03-31/functions/{name}/invocations"
    headers = ((b"x-amz-invocation-type", kind.encode()),)
    response = await ministack.call("lambda", Request("POST", path, path.encode(), b"", headers, b"{}"))
    return dict(response.headers).get(b"x-amzn-requestid", b"").decode()


@pytest.mark.parametrize("kind", ["Event", "RequestResponse"])
async def test_invoke_answers_with_the_request_id_that_the_function_sees(
    deployment: Deployment, ministack: MiniStack, kind: str
) -> None:
    """What the caller is told finds the invocation in the logs."""
    code = "def handler(event, context):\n    keep(context.aws_request_id)\n"
    await deployment.function(f"named-{kind}", code)
    answered = await answered_request_id(ministack, f"named-{kind}", kind)
    assert await deployment.events(f"named-{kind}", 1) == [answered]


async def test_invoke_unfixed_answers_with_no_request_id_of_the_function(
    deployment: Deployment, ministack: MiniStack
) -> None:
    """MiniStack alone leaves it to its front to make up an id."""
    from localcloud.ministack.fixes import invocation_request_id  # noqa: PLC0415

    await deployment.function("unnamed", KEEP_ALL)
    with invocation_request_id.FIX.undone():
        assert await answered_request_id(ministack, "unnamed", "Event") == ""


async def make_queue(aws: InProcessAws, name: str) -> str:
    """Make a queue; its ARN."""
    await aws.target("sqs", "AmazonSQS.CreateQueue", {"QueueName": name})
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


async def receive(aws: InProcessAws, queue: str) -> Json:
    """The next message of a queue, with its attributes."""
    received = await aws.target(
        "sqs",
        "AmazonSQS.ReceiveMessage",
        {
            "QueueUrl": f"http://127.0.0.1:4566/000000000000/{queue}",
            "WaitTimeSeconds": 10,
            "MessageAttributeNames": ["All"],
        },
    )
    return received["Messages"][0]


async def query(ministack: MiniStack, service: str, action: str, **parameters: str) -> str:
    """A call of a service that takes forms; its XML."""
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    body = urlencode({"Action": action, **parameters}).encode()
    response = await ministack.call(service, Request("POST", "/", b"/", b"", headers, body))
    assert response.status == 200, response.body
    return response.body.decode()


async def test_invoke_event_answers_202_and_runs(deployment: Deployment, ministack: MiniStack) -> None:
    """Event is accepted with 202 and an empty body, and the function gets the payload."""
    await deployment.function("async-ok", KEEP_ALL)
    assert await invoke(ministack, "async-ok", b'{"a": 1}') == (202, b"")
    assert await deployment.events("async-ok", 1) == [{"a": 1}]


async def test_invoke_dry_run_answers_204_and_runs_nothing(
    deployment: Deployment, ministack: MiniStack
) -> None:
    """DryRun validates alone."""
    await deployment.function("async-dry", KEEP_ALL)
    assert await invoke(ministack, "async-dry", b"{}", "DryRun") == (204, b"")
    await invoke(ministack, "async-dry", b'{"after": true}')
    assert await deployment.events("async-dry", 1) == [{"after": True}]


@pytest.mark.parametrize(("kind", "limit"), [("Event", MEBIBYTE), ("RequestResponse", 6 * MEBIBYTE)])
async def test_invoke_with_too_large_a_payload_answers_413(
    ministack: MiniStack, kind: str, limit: int
) -> None:
    """1 MB is the most for Event, 6 MB for RequestResponse; a byte more is refused before the function."""
    status, body = await invoke(ministack, "nobody", b'"' + b"x" * (limit - 1) + b'"', kind)
    assert status == 413
    message = f"{limit + 1} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
    assert message in body.decode()
    status, _ = await invoke(ministack, "nobody", b'"' + b"x" * (limit - 2) + b'"', kind)
    assert status == 404


async def test_invoke_with_too_large_a_payload_unfixed_is_taken(ministack: MiniStack) -> None:
    """MiniStack alone looks for the function first, whatever the payload's size."""
    from localcloud.ministack.fixes import invocation_size  # noqa: PLC0415

    with invocation_size.FIX.undone():
        status, _ = await invoke(ministack, "nobody", b'"' + b"x" * MEBIBYTE + b'"')
    assert status == 404


async def test_event_failed_three_times_reaches_dead_letter_queue_and_destination(
    deployment: Deployment, ministack: MiniStack, aws: InProcessAws
) -> None:
    """Both are told once the retries are exhausted, by what the function's role may do."""
    dead, told = await make_queue(aws, "async-dead"), await make_queue(aws, "async-told")
    allowed = {"sqs:SendMessage": [dead, told]}
    arn = await deployment.function("async-bad", RAISE, allowed, DeadLetterConfig={"TargetArn": dead})
    path = "/2019-09-25/functions/async-bad/event-invoke-config"
    body = json.dumps({"DestinationConfig": {"OnFailure": {"Destination": told}}}).encode()
    configured = await ministack.call("lambda", Request("PUT", path, path.encode(), b"", (), body))
    assert configured.status == 200
    await invoke(ministack, "async-bad", b'{"a": 1}')
    letter = await receive(aws, "async-dead")
    assert letter["Body"] == '{"a":1}'
    message = json.loads((await receive(aws, "async-told"))["Body"])
    assert message["requestContext"]["functionArn"] == f"{arn}:$LATEST"
    assert message["requestContext"]["condition"] == "RetriesExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 3
    assert message["responsePayload"]["errorMessage"] == "no"
    request_id = message["requestContext"]["requestId"]
    assert letter["MessageAttributes"]["RequestID"]["StringValue"] == request_id
    assert deployment.kept("async-bad") == [{"id": request_id}] * 3


async def test_event_succeeded_is_told_to_a_function(
    deployment: Deployment, ministack: MiniStack, aws: InProcessAws
) -> None:
    """A function as destination, named by a template, is invoked with the record."""
    told = await deployment.function("async-listener", KEEP_ALL)
    await deployment.function("async-told", KEEP_ALL, {"lambda:InvokeFunction": [told]})
    properties = {
        "FunctionName": "async-told",
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnSuccess": {"Destination": told}},
    }
    resource = {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties}
    assert await aws.deploy("async-told", {"Resources": {"Config": resource}}) == "CREATE_COMPLETE"
    await invoke(ministack, "async-told", b'{"a": 1}')
    [record] = await deployment.events("async-listener", 1)
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestPayload"] == {"a": 1}


async def test_event_for_an_alias_runs_its_version_and_obeys_its_configuration(
    deployment: Deployment, ministack: MiniStack, aws: InProcessAws
) -> None:
    """An alias has destinations of its own, and the record says which version ran."""
    told = await make_queue(aws, "async-alias-told")
    arn = await deployment.function("async-alias", KEEP_ALL, {"sqs:SendMessage": [told]})
    version = (await aws.post("lambda", "/2015-03-31/functions/async-alias/versions", {}))["Version"]
    alias = {"Name": "live", "FunctionVersion": version}
    await aws.post("lambda", "/2015-03-31/functions/async-alias/aliases", alias)
    path = "/2019-09-25/functions/async-alias/event-invoke-config"
    body = json.dumps({"DestinationConfig": {"OnSuccess": {"Destination": told}}}).encode()
    await ministack.call("lambda", Request("PUT", path, path.encode(), b"Qualifier=live", (), body))
    await invoke(ministack, "async-alias", b"{}")
    await invoke(ministack, "async-alias:live", b"{}")
    message = json.loads((await receive(aws, "async-alias-told"))["Body"])
    assert message["requestContext"]["functionArn"] == f"{arn}:live"
    assert message["responseContext"]["executedVersion"] == version
    assert len(await deployment.events("async-alias", 2)) == 2


async def test_event_given_up_is_told_to_an_event_bus_and_a_topic(
    deployment: Deployment, ministack: MiniStack, aws: InProcessAws
) -> None:
    """EventBridge gets an event of source ``lambda``, a topic the dead letter."""
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    topic = "arn:aws:sns:us-east-1:000000000000:async-dead-topic"
    await query(ministack, "sns", "CreateTopic", Name="async-dead-topic")
    listener = await deployment.function("async-heard", KEEP_ALL)
    await deployment.permit(
        "async-heard", "events.amazonaws.com", "arn:aws:events:us-east-1:*:rule/async-heard"
    )
    await subscribe(ministack, topic, await deployment.function("async-mourner", KEEP_ALL))
    await deployment.permit("async-mourner", "sns.amazonaws.com", topic)
    await put_rule(aws, "async-heard", {"source": ["lambda"]}, listener)
    allowed = {"events:PutEvents": [bus], "sns:Publish": [topic]}
    arn = await deployment.function("async-lost", RAISE, allowed, DeadLetterConfig={"TargetArn": topic})
    path = "/2019-09-25/functions/async-lost/event-invoke-config"
    config = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": bus}}}
    await ministack.call("lambda", Request("PUT", path, path.encode(), b"", (), json.dumps(config).encode()))
    await invoke(ministack, "async-lost", b'{"a": 1}')
    [event] = await deployment.events("async-heard", 1)
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["resources"] == [bus, f"{arn}:$LATEST"]
    assert event["detail"]["requestPayload"] == {"a": 1}
    [letter] = await deployment.events("async-mourner", 1)
    notification = letter["Records"][0]["Sns"]
    assert notification["Message"] == '{"a":1}'
    assert notification["MessageAttributes"]["ErrorMessage"] == {"Type": "String", "Value": "no"}


async def subscribe(ministack: MiniStack, topic: str, function: str) -> None:
    """Subscribe a function to a topic."""
    await query(ministack, "sns", "Subscribe", TopicArn=topic, Protocol="lambda", Endpoint=function)


async def put_rule(aws: InProcessAws, name: str, pattern: Json, target: str) -> None:
    """Have EventBridge give events that match ``pattern`` to ``target``."""
    await aws.target("events", "AWSEvents.PutRule", {"Name": name, "EventPattern": json.dumps(pattern)})
    targets = [{"Id": "t", "Arn": target}]
    await aws.target("events", "AWSEvents.PutTargets", {"Rule": name, "Targets": targets})


async def test_sns_invokes_a_permitted_function_asynchronously(
    deployment: Deployment, ministack: MiniStack
) -> None:
    """A subscriber that fails is retried twice, with SNS's event."""
    code = "def handler(event, context):\n    keep(event)\n    raise ValueError('no')\n"
    topic = "arn:aws:sns:us-east-1:000000000000:async-news"
    await query(ministack, "sns", "CreateTopic", Name="async-news")
    await subscribe(ministack, topic, await deployment.function("async-reader", code))
    await deployment.permit("async-reader", "sns.amazonaws.com", topic)
    await query(ministack, "sns", "Publish", TopicArn=topic, Message="hi")
    events = await deployment.events("async-reader", 3)
    [record] = events[0]["Records"]
    assert events == [events[0]] * 3
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"].startswith(f"{topic}:")
    assert (record["Sns"]["TopicArn"], record["Sns"]["Message"]) == (topic, "hi")


async def test_sns_without_permission_invokes_nothing(
    deployment: Deployment, ministack: MiniStack, caplog: pytest.LogCaptureFixture
) -> None:
    """A function whose policy permits another topic is not invoked, which the log says."""
    topic = "arn:aws:sns:us-east-1:000000000000:async-secret"
    await query(ministack, "sns", "CreateTopic", Name="async-secret")
    await subscribe(ministack, topic, await deployment.function("async-stranger", KEEP_ALL))
    await deployment.permit("async-stranger", "sns.amazonaws.com", f"{topic}-other")
    with caplog.at_level(logging.WARNING):
        await query(ministack, "sns", "Publish", TopicArn=topic, Message="hi")
        await until(lambda: "add an AWS::Lambda::Permission for sns.amazonaws.com" in caplog.text)
    assert deployment.kept("async-stranger") == []


async def test_sns_without_permission_unfixed_invokes(deployment: Deployment, ministack: MiniStack) -> None:
    """MiniStack alone asks no policy."""
    from localcloud.ministack.fixes import asynchronous_deliveries  # noqa: PLC0415

    topic = "arn:aws:sns:us-east-1:000000000000:async-open"
    await query(ministack, "sns", "CreateTopic", Name="async-open")
    await subscribe(ministack, topic, await deployment.function("async-anyone", KEEP_ALL))
    with asynchronous_deliveries.FIX.undone():
        await query(ministack, "sns", "Publish", TopicArn=topic, Message="hi")
        assert len(await deployment.events("async-anyone", 1)) == 1


async def test_eventbridge_invokes_a_permitted_function(
    deployment: Deployment, aws: InProcessAws, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule's target is invoked with the event once its policy names the rule, and not before."""
    rule = "arn:aws:events:us-east-1:000000000000:rule/async-rule"
    await put_rule(aws, "async-rule", {"source": ["shop"]}, await deployment.function("async-rule", KEEP_ALL))
    entry: Any = {"Source": "shop", "DetailType": "sold", "Detail": '{"n": 1}'}
    with caplog.at_level(logging.WARNING):
        await aws.target("events", "AWSEvents.PutEvents", {"Entries": [entry]})
        await until(lambda: f"An event of {rule} is lost" in caplog.text)
    await deployment.permit("async-rule", "events.amazonaws.com", rule)
    await aws.target("events", "AWSEvents.PutEvents", {"Entries": [{**entry, "Detail": '{"n": 2}'}]})
    [event] = await deployment.events("async-rule", 1)
    assert (event["source"], event["detail-type"], event["detail"]) == ("shop", "sold", {"n": 2})


async def test_schedule_invokes_with_the_role_of_its_target(
    deployment: Deployment, aws: InProcessAws, caplog: pytest.LogCaptureFixture
) -> None:
    """EventBridge Scheduler needs no permission in the function's policy, but its role to have one."""
    from ministack.services import scheduler  # noqa: PLC0415 - after it is configured

    function = await deployment.function("async-scheduled", KEEP_ALL)
    target = {
        "Arn": function,
        "RoleArn": "arn:aws:iam::000000000000:role/async-scheduled-role",
        "Input": '{"n": 1}',
    }
    await aws.post(
        "scheduler",
        "/schedules/async-scheduled",
        {
            "ScheduleExpression": "at(2020-01-01T00:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
            "State": "ENABLED",
        },
    )
    with caplog.at_level(logging.WARNING):
        scheduler._tick_schedules()  # noqa: SLF001 - in place of the clock
    assert "not authorized to perform: lambda:InvokeFunction" in caplog.text
    await deployment.allow("async-scheduled", {"lambda:InvokeFunction": [function]})
    scheduler._schedule_last_fired.clear()  # noqa: SLF001 - or it would not fire again
    scheduler._tick_schedules()  # noqa: SLF001
    assert (await deployment.events("async-scheduled", 1))[0] == {"n": 1}


async def test_s3_invokes_a_permitted_function(
    deployment: Deployment, ministack: MiniStack, caplog: pytest.LogCaptureFixture
) -> None:
    """A bucket's notification invokes the function once its policy names the bucket, and not before."""
    function = await deployment.function("async-object", KEEP_ALL)
    notification = (
        "<NotificationConfiguration><CloudFunctionConfiguration>"
        f"<CloudFunction>{function}</CloudFunction><Event>s3:ObjectCreated:*</Event>"
        "</CloudFunctionConfiguration></NotificationConfiguration>"
    )

    async def put(path: str, body: bytes = b"", query_string: bytes = b"") -> None:
        response = await ministack.call("s3", Request("PUT", path, path.encode(), query_string, (), body))
        assert response.status == 200, response.body

    await put("/async-bucket")
    await put("/async-bucket", notification.encode(), b"notification=")
    with caplog.at_level(logging.WARNING):
        await put("/async-bucket/first", b"1")
        await until(lambda: "An event of arn:aws:s3:::async-bucket is lost" in caplog.text)
    await deployment.permit("async-object", "s3.amazonaws.com", "arn:aws:s3:::async-bucket")
    await put("/async-bucket/second", b"22")
    [event] = await deployment.events("async-object", 1)
    [record] = event["Records"]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Put", "second")
