"""What an operator sees of the stack's APIs in CloudWatch: a line for each request, and metrics."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.parley import send_message
from e2e.support.sockets import open_socket

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


async def access_log(account: Account, api: str, term: str) -> list[Frame]:
    """Give the lines of an API's access log, ``http`` or ``websocket``, that contain a term."""
    groups = account.logs.describe_log_groups(logGroupNamePrefix="/aws/apigateway/")["logGroups"]
    names = [group["logGroupName"] for group in groups if group["logGroupName"].endswith(f"-{api}")]
    events = [
        event
        for name in names
        for page in account.logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in page["events"]
    ]
    return [json.loads(event["message"]) for event in events if term in event["message"]]


async def test_access_log_tells_each_request_and_no_secret(
    parley: Parley, account: Account, alice: Person
) -> None:
    """Who asked for what, and with what result, over HTTP: also what was refused, and never a token."""
    ticket = await parley.ticket(alice)
    refused = await parley.rest.post("/tickets", headers={"authorization": "Bearer nonsense"})
    assert refused.status_code == 401
    request_id = refused.headers["apigw-requestid"]

    (line,) = await eventually(lambda: access_log(account, "http", alice.user_id))
    assert (line["routeKey"], line["status"], line["userId"]) == ("POST /tickets", "200", alice.user_id)
    assert (line["integrationStatus"], line["error"]) == ("200", "-")
    (line,) = await eventually(lambda: access_log(account, "http", request_id))
    assert (line["status"], line["error"], line["userId"]) == ("401", "Unauthorized", "-")
    for secret in (ticket, alice.access_token, alice.access_token.rpartition(".")[2]):
        assert await access_log(account, "http", secret) == []


async def test_access_log_tells_each_event_of_a_connection_and_no_ticket(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """CONNECT, MESSAGE and DISCONNECT of one user's connection; its ticket stands nowhere."""
    chat_id = await parley.direct_chat(alice, bob)
    ticket = await parley.ticket(alice)
    async with open_socket(parley.socket_url(ticket=ticket)) as socket:
        await socket.ask(send_message(chat_id, 0, "text"))

    async def events() -> dict[str, Frame]:
        return {line["eventType"]: line for line in await access_log(account, "websocket", alice.user_id)}

    found = await eventually(events, lambda seen: len(seen) == 3)
    assert set(found) == {"CONNECT", "MESSAGE", "DISCONNECT"}
    assert {line["connectionId"] for line in found.values()} == {found["CONNECT"]["connectionId"]}
    assert (found["MESSAGE"]["routeKey"], found["MESSAGE"]["status"]) == ("sendMessage", "200")
    assert await access_log(account, "websocket", ticket) == []


@pytest.mark.local_only("AWS publishes metrics minutes later")
async def test_metrics_count_the_stacks_requests_and_messages(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """As AWS names them: of the HTTP API, of the WebSocket API, of a function."""
    http_api = parley.rest.base_url.path.strip("/").split("/")[-2]
    web_socket_api = parley.management_url.split("/")[-2]
    function = account.of_type("AWS::Lambda::Function")["SendMessage"]
    metrics = [
        ("AWS/ApiGateway", "Count", {"ApiId": http_api}),
        ("AWS/ApiGateway", "ConnectCount", {"ApiId": web_socket_api}),
        ("AWS/ApiGateway", "MessageCount", {"ApiId": web_socket_api}),
        ("AWS/Lambda", "Invocations", {"FunctionName": function}),
    ]

    async def sums() -> list[float]:
        return [metric_sum(account, *metric) for metric in metrics]

    before = await sums()
    chat_id = await parley.direct_chat(alice, bob)  # an HTTP request, and another for the ticket
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "text"))  # a message from the client, its ack to it
    least = [was + growth for was, growth in zip(before, (2, 1, 2, 1), strict=True)]  # others may count too
    await eventually(sums, lambda seen: all(now >= then for now, then in zip(seen, least, strict=True)))


def metric_sum(account: Account, namespace: str, name: str, dimensions: dict[str, str]) -> float:
    """Give the sum of a metric today and tomorrow."""
    cloudwatch = account.target.session().client("cloudwatch", endpoint_url=account.target.endpoint_url)
    now = datetime.now(UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(days=1),
        Period=86_400,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in found["Datapoints"])
