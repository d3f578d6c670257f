"""The dashboard and the alarms in use: a short chat leaves values in every metric that they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.support.alarms import Alarms
from e2e.support.deadlines import PATIENCE, eventually
from e2e.support.files import png, send_file
from e2e.support.parley import get_messages, ping, send_message, sync
from e2e.support.scenes import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import DimensionTypeDef

    from e2e.support.account import Account
    from e2e.support.files import Files
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from harness.users import UserPool

pytestmark = pytest.mark.embedded_only("AWS publishes metrics minutes later, S3's a day later")

Metric = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name, and dimensions with their values."""

SILENT = {
    ("Parley", "UnreachedConnections"): "nothing goes wrong here",
    ("Parley", "NotificationsFailed"): "nothing goes wrong here",
    ("Parley", "Errors", "internal"): "nothing goes wrong here; an alarm is exercised by it",
    ("Parley", "Errors", "contention"): "two who write at once are repeated, and seldom collide in the end",
    ("Parley", "Errors", "too_many_requests"): "nobody here exceeds a limit",
    ("Parley", "NotificationsSent"): "nobody here has subscribed to notifications",
    ("Parley", "CanarySuccess"): "the canary runs when it is told to: test_canary.py",
    ("Parley", "CanaryDelivery"): "the canary runs when it is told to: test_canary.py",
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): "of queues that hold messages when they are measured",
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): "of queues that hold messages when they are measured",
    ("AWS/DynamoDB", "ReadThrottleEvents"): "DynamoDB publishes no zeros; an alarm is exercised by it",
    ("AWS/DynamoDB", "WriteThrottleEvents"): "DynamoDB publishes no zeros; an alarm is exercised by it",
    ("AWS/DynamoDB", "SystemErrors"): "DynamoDB publishes no zeros; an alarm is exercised by it",
    ("AWS/Cognito", "SignInThrottles"): "Cognito publishes no zeros, and its quotas are not emulated",
    ("AWS/Cognito", "SignUpThrottles"): "Cognito publishes no zeros, and its quotas are not emulated",
    ("AWS/Cognito", "TokenRefreshThrottles"): "Cognito publishes no zeros, and its quotas are not emulated",
    ("AWS/Lambda", "Errors", "cookie-key"): "the stack under test has no sign-in by other providers",
    ("AWS/WAFV2", "AllowedRequests"): "the stack under test has no firewall",
    ("AWS/WAFV2", "BlockedRequests"): "the stack under test has no firewall",
}
"""Metrics that need not have values, by namespace, name and, where it matters, code or function; and why."""


async def test_every_metric_of_dashboard_and_alarms_has_values_after_a_short_chat(
    parley: Parley, account: Account, pool: UserPool, people: People, files: Files, alice: Person
) -> None:
    """So no chart is empty, and no alarm watches what is never told, for a name that is wrong."""
    cloudwatch = account.target.session().client("cloudwatch", endpoint_url=account.target.endpoint_url)
    named = {*on_dashboard(cloudwatch, account), *in_alarms(cloudwatch, account)}
    assert len(named) > 100
    bob = people.sign_up("bob")
    await chat(Scene(parley, account, alice, bob, await parley.direct_chat(alice, bob), [], PATIENCE), files)
    await visit(account, pool, files, alice)
    evaluated = Alarms(account)
    evaluated.states(0)  # with them goes what is measured by the minute
    evaluated.close()

    async def empty() -> list[Metric]:
        valued = {
            _metric(metric["Namespace"], metric["MetricName"], metric["Dimensions"])
            for page in cloudwatch.get_paginator("list_metrics").paginate()
            for metric in page["Metrics"]
        }
        return sorted(
            (metric for metric in named - valued if not may_be_silent(metric, account.stack_name)), key=str
        )

    assert await eventually(empty, lambda left: not left) == []


def may_be_silent(metric: Metric, stack_name: str) -> bool:
    """Whether a metric needs no values."""
    namespace, name, dimensions = metric
    values = [value.removeprefix(f"{stack_name}-") for _, value in dimensions]
    return bool({(namespace, name), *((namespace, name, value) for value in values)} & SILENT.keys())


async def chat(scene: Scene, files: Files) -> None:
    """Have two people write by both APIs, look back, send a file, be late, and do something wrong."""
    parley, alice, chat_id = scene.parley, scene.alice, scene.chat_id
    async with parley.socket(scene.bob), parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "hello"))
        await socket.ask(get_messages(chat_id))
        await socket.ask(sync(**{chat_id: 0}))
        await socket.ask(ping() | {"more": "than a ping has"})
        media_id = await files.upload(alice, chat_id, png(1, 1))
        await socket.ask(send_file(chat_id, 1, media_id))
        assert (await files.open(await files.link(alice, chat_id, media_id, 2))).status_code == 200
    await scene.write_by_rest(alice, 2)
    await scene.write_by_socket(scene.bob, 2)  # neither he nor that function has seen the third
    scene.leave_connections_behind(scene.bob)  # for whom the fan-out's function is needed
    await scene.write_by_rest(alice, 4)


async def visit(account: Account, pool: UserPool, files: Files, person: Person) -> None:
    """Open the web site, and have new tokens."""
    site = account.stack_outputs["WebUrl"].replace("https://", "http://")  # nothing here speaks TLS
    assert (await files.open(site)).status_code < 500
    token = pool.sign_in(person.username, person.password).refresh_token
    pool.cognito.initiate_auth(
        ClientId=pool.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token}
    )


def on_dashboard(cloudwatch: CloudWatchClient, account: Account) -> Iterator[Metric]:
    """What the deployed dashboard shows."""
    body = cloudwatch.get_dashboard(DashboardName=f"{account.stack_name}-chat")["DashboardBody"]
    for widget in json.loads(body)["widgets"]:
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], str):  # an expression is of other lines' metrics
                namespace, name, *rest = (part for part in line if isinstance(part, str))
                yield namespace, name, frozenset(zip(rest[::2], rest[1::2], strict=True))


def in_alarms(cloudwatch: CloudWatchClient, account: Account) -> Iterator[Metric]:
    """What the deployed alarms watch."""
    for page in cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=account.stack_name):
        for alarm in page["MetricAlarms"]:
            queries = [
                query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query
            ]
            for metric in queries or [alarm]:
                yield _metric(metric["Namespace"], metric["MetricName"], metric["Dimensions"])


def _metric(namespace: str, name: str, dimensions: Sequence[DimensionTypeDef]) -> Metric:
    return namespace, name, frozenset((each["Name"], each["Value"]) for each in dimensions)
