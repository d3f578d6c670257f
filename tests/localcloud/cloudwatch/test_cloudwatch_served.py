"""Over a running localcloud, boto3 reads back access logs, API metrics, function metrics and embedded ones.

It takes seconds: a process of its own is started, and a function's environment in it.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from localcloud.testing import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localcloud.testing import Localcloud

_Value = TypeVar("_Value")

HANDLER = """
import json, time

def handler(event, context):
    status = int((event.get("queryStringParameters") or {}).get("status", 200))
    metric = {"Namespace": "Shop", "Dimensions": [["kind"]], "Metrics": [{"Name": "sold", "Unit": "Count"}]}
    aws = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]}
    print(json.dumps({"_aws": aws, "kind": "tea", "sold": [2, 3]}))
    return {"statusCode": status, "body": "brewed"}
"""
LOG_FORMAT = '{"id":"$context.requestId","route":"$context.routeKey","status":"$context.status"}'


@dataclass(frozen=True)
class Served:
    """A running localcloud with a deployed HTTP API, ``GET /tea``."""

    localcloud: Localcloud
    api_id: str

    def client(self, service: str) -> Any:
        """boto3's client of a service."""
        return self.localcloud.client(service)

    def get(self, path: str) -> httpx.Response:
        """GET a path of the API's stage."""
        return httpx.get(
            f"{self.localcloud.endpoint_url}/_aws/execute-api/{self.api_id}/v1{path}", timeout=20
        )

    def statistics(self, namespace: str, name: str, **dimensions: str) -> dict[str, float]:
        """The statistics of a metric since a minute ago, in one datapoint."""
        now = time.time()
        found = self.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - 60,
            EndTime=now + 3600,
            Period=365 * 86400,
            Statistics=["Sum", "SampleCount", "Average", "Maximum"],
            ExtendedStatistics=["p90"],
        )["Datapoints"]
        statistics: dict[str, float] = found[0] if found else {}
        return statistics


def deploy(localcloud: Localcloud) -> Served:
    """Create the function, the API and its stage as any program does, by boto3."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("tea.py", HANDLER)
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "*"}]
    }
    role = localcloud.client("iam").create_role(RoleName="tea", AssumeRolePolicyDocument=json.dumps(trust))
    function = localcloud.client("lambda").create_function(
        FunctionName="tea",
        Runtime="python3.13",
        Handler="tea.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": code.getvalue()},
    )
    apis = localcloud.client("apigatewayv2")
    api_id = apis.create_api(Name="tea", ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function["FunctionArn"],
        PayloadFormatVersion="2.0",
    )
    target = f"integrations/{integration['IntegrationId']}"
    apis.create_route(ApiId=api_id, RouteKey="GET /tea", Target=target)
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/apigateway/tea"
    log = {"DestinationArn": group, "Format": LOG_FORMAT}
    apis.create_stage(ApiId=api_id, StageName="v1", AutoDeploy=True, AccessLogSettings=log)
    localcloud.client("lambda").add_permission(
        FunctionName="tea",
        StatementId="gateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{api_id}/*/*/tea",
    )
    return Served(localcloud, api_id)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A localcloud of this module's own; four requests have been made: 200, 200, 503 and 404."""
    with running(tmp_path_factory.mktemp("cloudwatch")) as localcloud:
        deployed = deploy(localcloud)
        statuses = [deployed.get(path).status_code for path in ("/tea", "/tea", "/tea?status=503", "/no")]
        assert statuses == [200, 200, 503, 404]
        yield deployed


def eventually(look: Callable[[], _Value], holds: Callable[[_Value], bool]) -> _Value:
    """Look again until what is seen holds."""
    deadline = time.monotonic() + 30
    while not holds(seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r}"
        time.sleep(0.05)
    return seen


def test_served_access_log_is_read_back(served: Served) -> None:
    """A line for each request, in CloudWatch Logs, within a second or two."""

    def lines() -> list[dict[str, str]]:
        logs = served.client("logs")
        try:
            events = logs.filter_log_events(logGroupName="/aws/apigateway/tea")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [json.loads(event["message"]) for event in events]

    found = eventually(lines, lambda seen: len(seen) == 4)
    assert [line["status"] for line in found] == ["200", "200", "503", "404"]
    assert [line["route"] for line in found] == ["GET /tea", "GET /tea", "GET /tea", "-"]
    assert len({line["id"] for line in found}) == 4


def test_served_api_metrics_are_read_back(served: Served) -> None:
    """Count, 4xx, 5xx and the latencies, by API and by stage."""
    for dimensions in ({"ApiId": served.api_id}, {"ApiId": served.api_id, "Stage": "v1"}):
        count = eventually(
            lambda: served.statistics("AWS/ApiGateway", "Count", **dimensions),  # noqa: B023 - called at once
            lambda seen: seen.get("Sum") == 4,
        )
        assert count["SampleCount"] == 4
        for name in ("4xx", "5xx"):
            errors = served.statistics("AWS/ApiGateway", name, **dimensions)
            assert (errors["Sum"], errors["Average"]) == (1, 0.25)
        latency = served.statistics("AWS/ApiGateway", "Latency", **dimensions)
        integration = served.statistics("AWS/ApiGateway", "IntegrationLatency", **dimensions)
        assert (latency["SampleCount"], integration["SampleCount"]) == (4, 3)
        assert latency["Maximum"] >= integration["Maximum"] > 0


def test_served_function_metrics_are_read_back(served: Served) -> None:
    """Invocations, errors and durations of the function, each counted once."""
    eventually(
        lambda: served.statistics("AWS/Lambda", "Invocations", FunctionName="tea"),
        lambda seen: seen.get("Sum") == 3,
    )
    assert served.statistics("AWS/Lambda", "Errors", FunctionName="tea")["Sum"] == 0
    duration = served.statistics("AWS/Lambda", "Duration", FunctionName="tea")
    assert duration["SampleCount"] == 3
    assert duration["Maximum"] > 0


def test_served_invocation_by_the_api_of_lambda_is_counted_once(served: Served) -> None:
    """It passes through MiniStack, which would count it too."""

    def invocations() -> float:
        return served.statistics("AWS/Lambda", "Invocations", FunctionName="tea").get("Sum", 0)

    before = eventually(invocations, lambda seen: seen >= 3)
    served.client("lambda").invoke(FunctionName="tea", Payload=b"{}")
    assert eventually(invocations, lambda seen: seen > before) == before + 1


def test_served_embedded_metric_is_read_back(served: Served) -> None:
    """What the function printed became a metric with its dimension and unit."""
    sold = eventually(
        lambda: served.statistics("Shop", "sold", kind="tea"),
        lambda seen: seen.get("SampleCount", 0) >= 6,
    )
    assert (sold["Average"], sold["Maximum"]) == (2.5, 3)
    listed = served.client("cloudwatch").list_metrics(Namespace="Shop")["Metrics"]
    assert listed == [
        {"Namespace": "Shop", "MetricName": "sold", "Dimensions": [{"Name": "kind", "Value": "tea"}]}
    ]


def test_served_table_metrics_are_read_back_and_answers_are_as_dynoxide_gives_them(served: Served) -> None:
    """Capacity of the table and of its index, latency; a failed condition; an error of the account's."""
    tables = served.client("dynamodb")
    tables.create_table(
        TableName="cups",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "colour")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "ByColour",
                "KeySchema": [{"AttributeName": "colour", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    cup = {"id": {"S": "1"}, "colour": {"S": "blue"}}
    put = tables.put_item(TableName="cups", Item=cup)
    got = tables.get_item(TableName="cups", Key={"id": {"S": "1"}})
    assert put.keys() == {"ResponseMetadata"}
    assert got.keys() == {"Item", "ResponseMetadata"}
    asked = tables.get_item(TableName="cups", Key={"id": {"S": "1"}}, ReturnConsumedCapacity="TOTAL")
    assert asked["ConsumedCapacity"]["CapacityUnits"] == 0.5
    with pytest.raises(tables.exceptions.ConditionalCheckFailedException):
        tables.put_item(TableName="cups", Item=cup, ConditionExpression="attribute_not_exists(id)")
    with pytest.raises(tables.exceptions.ClientError, match="ValidationException"):
        tables.get_item(TableName="cups", Key={})

    def of_table(name: str, **more: str) -> dict[str, float]:
        return served.statistics("AWS/DynamoDB", name, TableName="cups", **more)

    eventually(lambda: served.statistics("AWS/DynamoDB", "UserErrors"), lambda seen: seen.get("Sum") == 1)
    assert of_table("ConsumedWriteCapacityUnits")["Sum"] == 1
    assert of_table("ConsumedWriteCapacityUnits", GlobalSecondaryIndexName="ByColour")["Sum"] == 1
    assert of_table("ConsumedReadCapacityUnits")["Sum"] == 1
    assert of_table("SuccessfulRequestLatency", Operation="GetItem")["SampleCount"] == 2
    assert of_table("ConditionalCheckFailedRequests")["Sum"] == 1


def test_served_sign_ins_are_read_back_by_their_client(served: Served) -> None:
    """An administrator's new user, two sign-ins of which one fails, and new tokens."""
    users = served.client("cognito-idp")
    pool = users.create_user_pool(PoolName="guests")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = users.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    client = made["UserPoolClient"]["ClientId"]
    users.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
    password = f"Earl-Grey-{len(client)}"
    users.admin_set_user_password(UserPoolId=pool, Username="ann", Password=password, Permanent=True)

    def sign_in(given: str) -> str:
        parameters = {"USERNAME": "ann", "PASSWORD": given}
        answer = users.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        return str(answer["AuthenticationResult"]["RefreshToken"])

    token = sign_in(password)
    with pytest.raises(users.exceptions.NotAuthorizedException):
        sign_in("wrong")
    users.initiate_auth(
        ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token}
    )

    def of(name: str, of_client: str = client) -> dict[str, float]:
        return served.statistics("AWS/Cognito", name, UserPool=pool, UserPoolClient=of_client)

    eventually(lambda: of("TokenRefreshSuccesses"), lambda seen: seen.get("Sum") == 1)
    assert (of("SignInSuccesses")["Sum"], of("SignInSuccesses")["SampleCount"]) == (1, 2)
    assert of("SignUpSuccesses", "Admin")["Sum"] == 1
