"""Alarms in MiniStack: deployed, evaluated by localcloud, told to a topic; and MiniStack's faults in them."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cloudwatch.alarms import AlarmEvaluator
from localcloud.cloudwatch.metrics import Aggregation, DataPoint, Metric
from localcloud.cloudwatch.services import of_viewers
from localcloud.firewall.records import metrics as of_firewall
from localcloud.firewall.web_acls import Action, Judgement, WebAcl
from localcloud.observations import ViewerServed
from tests.stack.template import read_template

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws, Template

ALARM = "AWS::CloudWatch::Alarm"
LIMIT = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": "0", "EvaluationPeriods": "1"}
_CLOUDWATCH = "GraniteServiceVersion20100801."
_DEADLINE_SECONDS = 60.0


class Clock:
    """The minute after now, so that what is stored now is in a whole period."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + 60


@dataclass(frozen=True)
class SetClock:
    """A clock that stands."""

    time: float

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


def metric(id_: str, name: str) -> dict[str, Any]:
    """One of an alarm's metrics; numbers as CloudFormation may give them."""
    stat = {"Metric": {"Namespace": "Test", "MetricName": name}, "Period": "60", "Stat": "Sum"}
    return {"Id": id_, "MetricStat": stat, "ReturnData": "false"}


def of_two(name: str, **more: Any) -> Template:
    """An alarm of two metrics together."""
    metrics = [
        metric("a", f"{name}-a"),
        metric("b", f"{name}-b"),
        {"Id": "e", "Expression": "SUM(METRICS())"},
    ]
    properties = {"AlarmName": name, "Metrics": metrics, "TreatMissingData": "notBreaching", **LIMIT}
    return {"Type": ALARM, "Properties": {**properties, **more}}


def rolled_up(name: str, rule: Any, **more: Any) -> Template:
    """A composite alarm."""
    return {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {"AlarmName": name, "AlarmRule": rule, **more},
    }


async def described(aws: InProcessAws, name: str) -> dict[str, Any]:
    """An alarm, or a composite one, as DescribeAlarms gives it; empty where there is none."""
    kinds = {"AlarmNames": [name], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    answer = await aws.target("monitoring", f"{_CLOUDWATCH}DescribeAlarms", kinds)
    return next(iter(answer["MetricAlarms"] + answer["CompositeAlarms"]), {})


async def gone(aws: InProcessAws, *names: str) -> None:
    """Wait until there are no such alarms."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if not any([await described(aws, name) for name in names]):
            return
        await asyncio.sleep(0)
    raise AssertionError(f"There is still one of {names} after {_DEADLINE_SECONDS:.0f} s.")


def put(ministack: MiniStack, name: str, value: float) -> None:
    """Store a value of a metric in this minute."""
    minute = int(time.time()) // 60 * 60
    ministack.put_metrics([DataPoint(Metric("Test", name, (), "Count"), minute, {value: 1})])


async def test_alarm_of_metric_math_is_deployed_and_described(aws: InProcessAws) -> None:
    """With its Metrics, numbers as numbers, and nothing of an alarm of one metric."""
    assert await aws.deploy("math", {"Resources": {"Two": of_two("math-two")}}) == "CREATE_COMPLETE"
    alarm = await described(aws, "math-two")
    assert alarm["Metrics"][0]["MetricStat"]["Period"] == 60
    assert alarm["Metrics"][0]["ReturnData"] is False
    assert alarm["Metrics"][2] == {"Id": "e", "Expression": "SUM(METRICS())"}
    assert alarm.get("MetricName") is None
    await aws.delete("math")
    await gone(aws, "math-two")


async def test_alarm_of_metric_math_unfixed_is_not_deployed(aws: InProcessAws) -> None:
    """MiniStack alone rolls back."""
    from localcloud.ministack.fixes import metric_math_alarms  # noqa: PLC0415 - after MiniStack is configured

    with metric_math_alarms.FIX.undone():
        status = await aws.deploy("math-unfixed", {"Resources": {"Two": of_two("unfixed-two")}})
    assert status == "ROLLBACK_COMPLETE"


async def test_alarm_of_metric_math_is_put_or_refused_with_what_to_correct(aws: InProcessAws) -> None:
    """PutMetricAlarm, as SDKs call it."""
    good = of_two("put-two")["Properties"]
    assert await aws.target("monitoring", f"{_CLOUDWATCH}PutMetricAlarm", good) == {}
    assert len((await described(aws, "put-two"))["Metrics"]) == 3
    bad = {**good, "AlarmName": "put-bad", "Metrics": [*good["Metrics"][:2], {"Id": "e", "Expression": "c"}]}
    refused = await aws.target("monitoring", f"{_CLOUDWATCH}PutMetricAlarm", bad)
    assert "no metric has as Id" in refused["message"]
    assert await described(aws, "put-bad") == {}


async def test_composite_alarm_is_deployed_updated_and_deleted_with_its_children(aws: InProcessAws) -> None:
    """In the order that its rule demands."""
    rule = {"Fn::Sub": 'ALARM("${One}") OR ALARM("${Two}")'}
    children = {"One": of_two("rolled-one"), "Two": of_two("rolled-two")}
    template = {"Resources": {**children, "All": rolled_up("rolled-up", rule, AlarmDescription="first")}}
    assert await aws.deploy("rolled", template) == "CREATE_COMPLETE"
    alarm = await described(aws, "rolled-up")
    assert (alarm["AlarmRule"], alarm["StateValue"]) == ('ALARM("rolled-one") OR ALARM("rolled-two")', "OK")
    template["Resources"]["All"] = rolled_up("rolled-up", rule, AlarmDescription="second")
    assert await aws.deploy("rolled", template) == "UPDATE_COMPLETE"
    assert (await described(aws, "rolled-up"))["AlarmDescription"] == "second"
    await aws.delete("rolled")
    await gone(aws, "rolled-up", "rolled-one", "rolled-two")


async def test_composite_alarm_with_a_suppressor_or_an_unknown_child_is_refused(aws: InProcessAws) -> None:
    """It would promise what nobody does."""
    suppressed = rolled_up("suppressed", "FALSE", ActionsSuppressor="another")
    assert await aws.deploy("suppressed", {"Resources": {"All": suppressed}}) == "ROLLBACK_COMPLETE"
    of_nobody = rolled_up("of-nobody", "ALARM(nobody)")
    assert await aws.deploy("of-nobody", {"Resources": {"All": of_nobody}}) == "ROLLBACK_COMPLETE"


async def test_composite_alarm_unfixed_is_not_deployed(aws: InProcessAws) -> None:
    """MiniStack alone has no such resource."""
    from localcloud.ministack.fixes import composite_alarm_resources  # noqa: PLC0415 - after MiniStack is configured

    with composite_alarm_resources.FIX.undone():
        status = await aws.deploy("rolled-unfixed", {"Resources": {"All": rolled_up("unfixed", "FALSE")}})
    assert "Unrecognized resource types" in status


async def test_alarm_turns_tells_its_topic_through_the_composite_and_turns_back(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """From a value to a message in a queue."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "told"}}
    topic = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"Subscription": [{"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Told", "Arn"]}}]},
    }
    actions = {"AlarmActions": [{"Ref": "Topic"}], "OKActions": [{"Ref": "Topic"}]}
    composite = rolled_up("told-all", {"Fn::Sub": "ALARM(${One})"}, **actions)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": ["Told", "Arn"]},
    }
    policy = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Told"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
    alarms = {"One": of_two("told-one"), "All": composite}
    resources = {"Told": queue, "Policy": policy, "Topic": topic, **alarms}
    assert await aws.deploy("told", {"Resources": resources}) == "CREATE_COMPLETE"
    evaluator = AlarmEvaluator(ministack.alarms, Clock(), lambda _now: None)
    evaluator.evaluate()
    put(ministack, "told-one-b", 1)
    assert {name: state for name, state in evaluator.move_ahead(0).items() if "told" in name} == {
        "told-one": "ALARM",
        "told-all": "ALARM",
    }
    assert "1 of the last 1 datapoints [1]" in (await described(aws, "told-one"))["StateReason"]
    states = evaluator.move_ahead(600)
    assert (states["told-one"], states["told-all"]) == ("OK", "OK")
    from ministack.services import sqs  # noqa: PLC0415 - after MiniStack is configured

    (held,) = [queue for queue in sqs._queues._data.values() if queue["name"] == "told"]  # noqa: SLF001
    told = [json.loads(json.loads(message["body"])["Message"]) for message in held["messages"]]
    assert [(each["AlarmName"], each["NewStateValue"]) for each in told[-2:]] == [
        ("told-all", "ALARM"),
        ("told-all", "OK"),
    ]


async def put_under_another_dimension(aws: InProcessAws, name: str) -> str:
    """Put a value that the alarm does not watch; its state."""
    properties = {"AlarmName": name, "Namespace": "Test", "MetricName": name, "Statistic": "Sum", **LIMIT}
    await aws.target("monitoring", f"{_CLOUDWATCH}PutMetricAlarm", properties)
    datum = {"MetricName": name, "Value": 1, "Dimensions": [{"Name": "Code", "Value": "other"}]}
    await aws.target(
        "monitoring", f"{_CLOUDWATCH}PutMetricData", {"Namespace": "Test", "MetricData": [datum]}
    )
    return str((await described(aws, name))["StateValue"])


async def test_value_of_another_dimension_turns_no_alarm(ministack: MiniStack, aws: InProcessAws) -> None:
    """Each combination of dimensions is a metric of its own."""
    assert await put_under_another_dimension(aws, "dimensions") == "INSUFFICIENT_DATA"
    evaluator = AlarmEvaluator(ministack.alarms, Clock(), lambda _now: None)
    assert evaluator.move_ahead(0)["dimensions"] == "INSUFFICIENT_DATA"


async def test_value_of_another_dimension_unfixed_turns_the_alarm(aws: InProcessAws) -> None:
    """MiniStack alone takes them together."""
    from localcloud.ministack.fixes import alarm_evaluation  # noqa: PLC0415 - after MiniStack is configured

    with alarm_evaluation.FIX.undone():
        assert await put_under_another_dimension(aws, "dimensions-unfixed") == "ALARM"


@pytest.mark.parametrize(
    ("statistic", "value"), [("Sum", 50.0), ("Maximum", 30.0), ("p50", 10.0), ("SampleCount", 3.0)]
)
async def test_series_are_of_the_metrics_values_period_by_period(
    ministack: MiniStack, statistic: str, value: float
) -> None:
    """Percentiles too."""
    from localcloud.cloudwatch.alarms.definition import Statistic  # noqa: PLC0415 - beside its use

    minute = int(time.time()) // 60 * 60
    name = f"series-{statistic}"
    points = [DataPoint(Metric("Test", name, (), "Count"), minute, {10.0: 2, 30.0: 1})]
    ministack.put_metrics(points)
    watched = Statistic("Test", name, (), statistic, 60)
    assert ministack.alarms.series(watched, minute - 60, minute + 60) == {minute: value}
    assert ministack.alarms.series(watched, minute - 120, minute) == {}


async def test_queue_is_measured_while_it_holds_messages_and_once_more(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """Depth and age, by the queue's name; a queue where nothing happens has no metrics."""
    url = (await aws.target("sqs", "AmazonSQS.CreateQueue", {"QueueName": "measured"}))["QueueUrl"]
    await aws.target("sqs", "AmazonSQS.SendMessage", {"QueueUrl": url, "MessageBody": "hi"})

    def measured(now: float) -> dict[str, float]:
        points = ministack.queue_metrics.measure(now)
        of_queue = [point for point in points if point.metric.dimensions == (("QueueName", "measured"),)]
        assert {point.timestamp for point in of_queue} <= {int(now) // 60 * 60 - 60}
        return {point.metric.name: next(iter(point.counts)) for point in of_queue}

    full = measured(time.time() + 120)
    assert full["ApproximateNumberOfMessagesVisible"] == 1
    assert full["ApproximateAgeOfOldestMessage"] == pytest.approx(120, abs=60)
    await aws.target("sqs", "AmazonSQS.PurgeQueue", {"QueueUrl": url})
    assert set(measured(time.time()).values()) == {0.0}
    assert measured(time.time()) == {}


async def test_bucket_is_measured_by_the_day_with_all_its_versions(
    ministack: MiniStack, aws: InProcessAws
) -> None:
    """The newest measurement is the day's only one."""
    from localcloud.cloudwatch.alarms.definition import Statistic  # noqa: PLC0415 - beside its use

    day = int(time.time()) // 86_400 * 86_400
    of_bucket = ("BucketName", "measured-files")

    def average(name: str, storage: str) -> float:
        watched = Statistic("AWS/S3", name, (of_bucket, ("StorageType", storage)), "Average", 86_400)
        return ministack.alarms.series(watched, day, day + 86_400)[day]

    versions = {"VersioningConfiguration": {"Status": "Enabled"}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "measured-files", **versions}}
    assert await aws.deploy("measured", {"Resources": {"Files": bucket}}) == "CREATE_COMPLETE"
    for sizes, count in ((10, 1), (30, 2)):
        await aws.upload_to("measured-files", "file", b"x" * (10 * count))
        ministack.measure(day + 60)
        assert average("BucketSizeBytes", "StandardStorage") == sizes
        assert average("NumberOfObjects", "AllStorageTypes") == count


async def deploy_alarm(aws: InProcessAws, alarm: str, **given: str) -> None:
    """Make one of stack/alarms.yaml's, whatever its condition, as a stack of its name's."""
    alarms = read_template(Path(__file__).parents[2] / "stack" / "alarms.yaml")
    parameters = {each: {"Type": "String", "Default": value} for each, value in given.items()}
    resource = {key: value for key, value in alarms.resources[alarm].items() if key != "Condition"}
    template = {"Parameters": parameters, "Resources": {alarm: resource}}
    assert await aws.deploy(given["NamePrefix"], template) == "CREATE_COMPLETE"


@pytest.mark.parametrize(("minutes_down", "state"), [(2, "OK"), (3, "ALARM")])
async def test_alarm_of_the_site_turns_when_viewers_are_failed_for_three_minutes(
    ministack: MiniStack, aws: InProcessAws, minutes_down: int, state: str
) -> None:
    """The one of stack/alarms.yaml, by what CloudFront publishes of each request; two minutes are none."""
    name = f"site-{minutes_down}"
    site, files = f"ESITE{minutes_down}", f"EFILES{minutes_down}"
    await deploy_alarm(aws, "SiteErrors", NamePrefix=name, DistributionId=site, MediaDistributionId=files)
    now = int(time.time()) // 60 * 60
    seen = Aggregation()
    for minutes_ago in range(1, 6):
        status = 503 if minutes_ago <= minutes_down else 200
        for distribution, answered in ((site, status), (files, 200)):
            for metric_, value in of_viewers(ViewerServed(distribution, answered, 0, 9)):
                seen.add(metric_, value, now - minutes_ago * 60)
    ministack.put_metrics(seen.take())
    AlarmEvaluator(ministack.alarms, SetClock(now), lambda _now: None).evaluate()
    assert (await described(aws, f"{name}-site-errors"))["StateValue"] == state
    await aws.delete(name)


@pytest.mark.parametrize(("blocked", "state"), [(1_000, "OK"), (1_001, "ALARM")])
async def test_alarm_of_the_firewall_turns_when_it_blocks_more_than_a_thousand(
    ministack: MiniStack, aws: InProcessAws, blocked: int, state: str
) -> None:
    """The one of stack/alarms.yaml, by what the firewall publishes of each request."""
    name = f"firewall-{blocked}"
    await deploy_alarm(aws, "BlockedRequests", NamePrefix=name, WebAclMetric=name)
    acl = WebAcl("arn", name, name, Action.BLOCK, ())
    now = int(time.time()) // 300 * 300
    for _ in range(blocked):
        ministack.put_metrics(of_firewall(Judgement(Action.BLOCK, None, ()), acl, now - 60))
    AlarmEvaluator(ministack.alarms, SetClock(now), lambda _now: None).evaluate()
    assert (await described(aws, f"{name}-blocked-requests"))["StateValue"] == state
    await aws.delete(name)


@pytest.mark.parametrize(("function", "state"), [("signing-key", "ALARM"), ("media", "OK")])
async def test_alarm_of_rotations_turns_with_the_first_that_fails(
    ministack: MiniStack, aws: InProcessAws, function: str, state: str
) -> None:
    """The one of stack/alarms.yaml, by what Lambda publishes of the two functions that replace keys."""
    name = f"rotations-{function}"
    await deploy_alarm(aws, "FailedRotations", NamePrefix=name)
    now = int(time.time()) // 3_600 * 3_600
    failed = Metric("AWS/Lambda", "Errors", (("FunctionName", f"{name}-{function}"),), "Count")
    ministack.put_metrics([DataPoint(failed, now - 60, {1: 1})])
    AlarmEvaluator(ministack.alarms, SetClock(now), lambda _now: None).evaluate()
    assert (await described(aws, f"{name}-failed-rotations"))["StateValue"] == state
    await aws.delete(name)
