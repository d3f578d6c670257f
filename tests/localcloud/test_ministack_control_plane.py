"""The control plane as the other parts use it: code, credentials, permissions, logs, keys, saved state."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from localcloud.errors import LocalcloudError
from localcloud.interfaces import Invocation, Request

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.interfaces import Credentials
    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws, Json

TABLE_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/allowed"


def zipped(source: str) -> bytes:
    """A function's zip of one module."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("entry.py", source)
    return buffer.getvalue()


async def make_function(aws: InProcessAws, name: str) -> bytes:
    """A function whose role may put into one table and query one index; its zip."""
    statement = {
        "Effect": "Allow",
        "Action": ["dynamodb:PutItem", "dynamodb:Query"],
        "Resource": [TABLE_ARN, f"{TABLE_ARN}/index/ByName"],
    }
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": f"{name}-role",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "Policies": [
                {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
            ],
        },
    }
    assert await aws.deploy(f"{name}-stack", {"Resources": {"Role": role}}) == "CREATE_COMPLETE"
    code = zipped(f"def handler(event, context):\n    return {name!r}\n")
    created = await aws.post(
        "lambda",
        "/2015-03-31/functions",
        {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "entry.handler",
            "Role": f"arn:aws:iam::000000000000:role/{name}-role",
            "Code": {"ZipFile": base64.b64encode(code).decode()},
        },
    )
    assert created["FunctionName"] == name
    return code


def signed(credentials: Credentials, operation: str, body: dict[str, Any]) -> Request:
    """A DynamoDB request as an SDK signs it."""
    content = json.dumps(body).encode()
    request = AWSRequest(
        "POST",
        "http://127.0.0.1:4566/",
        data=content,
        headers={"X-Amz-Target": f"DynamoDB_20120810.{operation}"},
    )
    session = SigningCredentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
    SigV4Auth(session, "dynamodb", "us-east-1").add_auth(request)
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return Request("POST", "/", b"/", b"", [(b"host", b"127.0.0.1:4566"), *headers], content)


async def test_function_code_deployed_is_the_zip(aws: InProcessAws, ministack: MiniStack) -> None:
    """The code is what was uploaded; an unknown function is a KeyError."""
    code = await make_function(aws, "coded")
    assert ministack.function_code("coded") == code
    with pytest.raises(KeyError):
        ministack.function_code("nobody")


async def test_layer_code_published_is_the_zip(aws: InProcessAws, ministack: MiniStack) -> None:
    """The layer's content is what was published; an unknown version is a KeyError."""
    code = zipped("x = 1")
    content = {"Content": {"ZipFile": base64.b64encode(code).decode()}}
    published = await aws.post("lambda", "/2018-10-31/layers/shared/versions", content)
    assert ministack.layer_code(published["LayerVersionArn"]) == code
    with pytest.raises(KeyError):
        ministack.layer_code(published["LayerArn"] + ":99")


async def test_authorize_dynamodb_by_role_follows_its_policy(aws: InProcessAws, ministack: MiniStack) -> None:
    """What the role may do is a yes; another operation, table or index is refused with AWS's words."""
    await make_function(aws, "asking")
    credentials = ministack.role_credentials("asking")
    put = {"TableName": "allowed", "Item": {}}
    query = {"TableName": "allowed", "IndexName": "ByName"}
    assert ministack.authorize_dynamodb(signed(credentials, "PutItem", put), "PutItem") is None
    assert ministack.authorize_dynamodb(signed(credentials, "Query", query), "Query") is None
    for operation, body in (
        ("GetItem", {"TableName": "allowed"}),
        ("PutItem", {"TableName": "other"}),
        ("Query", {"TableName": "allowed", "IndexName": "Other"}),
        ("TransactWriteItems", {"TransactItems": [{"Put": put}, {"Put": {"TableName": "other"}}]}),
        ("BatchWriteItem", {"RequestItems": {"allowed": []}}),
    ):
        refused = ministack.authorize_dynamodb(signed(credentials, operation, body), operation)
        assert refused is not None, operation
        assert json.loads(refused.body)["__type"].endswith("AccessDeniedException"), operation
        assert b"is not authorized to perform: dynamodb:" in refused.body, operation


async def test_authorize_dynamodb_transaction_is_its_items_actions(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A transaction of puts needs PutItem alone."""
    await make_function(aws, "transacting")
    body = {"TransactItems": [{"Put": {"TableName": "allowed", "Item": {}}}]}
    request = signed(ministack.role_credentials("transacting"), "TransactWriteItems", body)
    assert ministack.authorize_dynamodb(request, "TransactWriteItems") is None


async def test_authorize_dynamodb_changed_after_signing_is_refused(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """A body that the signature does not cover is no longer the caller's."""
    await make_function(aws, "tampered")
    request = signed(ministack.role_credentials("tampered"), "PutItem", {"TableName": "allowed"})
    refused = ministack.authorize_dynamodb(replace(request, body=b'{"TableName":"allowed" }'), "PutItem")
    assert refused is not None
    assert json.loads(refused.body)["__type"].endswith("InvalidSignatureException")


async def test_authorize_policy_changed_counts_at_once(aws: InProcessAws, ministack: MiniStack) -> None:
    """Nothing remembered of a policy outlives it."""
    await make_function(aws, "demoted")
    credentials = ministack.role_credentials("demoted")
    request = signed(credentials, "PutItem", {"TableName": "allowed"})
    assert ministack.authorize_dynamodb(request, "PutItem") is None
    properties = {"RoleName": "demoted-role", "AssumeRolePolicyDocument": {"Statement": []}}
    empty = {"Type": "AWS::IAM::Role", "Properties": properties}
    assert await aws.deploy("demoted-stack", {"Resources": {"Role": empty}}) == "UPDATE_COMPLETE"
    assert ministack.authorize_dynamodb(request, "PutItem") is not None


def test_authorize_unsigned_is_denied(ministack: MiniStack) -> None:
    """Who says nothing of himself is not let in."""
    denied = ministack.authorize(
        Request("POST", "/", b"/", b"", ()), "execute-api", "execute-api:ManageConnections", "*"
    )
    assert denied is not None
    assert denied.code.startswith("MissingAuthenticationToken")


async def test_append_logs_then_filter_gives_them_in_order(aws: InProcessAws, ministack: MiniStack) -> None:
    """Group and stream are made on the way, and events have ids, which `aws logs tail` needs."""
    ministack.append_logs("/aws/lambda/logging", "2026/11/21/[$LATEST]a", [(1000, "first"), (2000, "second")])
    found = await aws.target("logs", "Logs_20140328.FilterLogEvents", {"logGroupName": "/aws/lambda/logging"})
    assert [event["message"] for event in found["events"]] == ["first", "second"]
    assert len({event["eventId"] for event in found["events"]}) == 2


@pytest.mark.parametrize(
    ("actions", "written"),
    [
        (["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], ["line"]),
        (["logs:CreateLogStream", "logs:PutLogEvents"], []),
        (["logs:CreateLogGroup", "logs:PutLogEvents"], []),
        (["logs:CreateLogGroup", "logs:CreateLogStream"], []),
    ],
)
async def test_append_logs_of_a_function_writes_what_its_role_may(
    aws: InProcessAws, ministack: MiniStack, actions: list[str], written: list[str]
) -> None:
    """A group, a stream and the events need their permissions; what has none is lost without a word."""
    name = f"logging-{len(actions)}-{actions[0][5:]}-{actions[1][5:]}"
    group = f"/aws/lambda/{name}"
    await make_function(aws, name)
    statement = {
        "Effect": "Allow",
        "Action": actions,
        "Resource": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*",
    }
    properties = {
        "RoleName": f"{name}-role",
        "AssumeRolePolicyDocument": {"Statement": []},
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    assert await aws.deploy(f"{name}-stack", {"Resources": {"Role": role}}) == "UPDATE_COMPLETE"
    ministack.append_logs(group, "2026/11/21/[$LATEST]a", [(1000, "line")], name)
    ministack.append_logs(group, "of a service", [(1000, "from")])
    found = await aws.target("logs", "Logs_20140328.FilterLogEvents", {"logGroupName": group})
    assert [event["message"] for event in found["events"]] == [*written, "from"]


async def test_jwks_of_own_pool_are_its_keys_and_of_others_none(
    aws: InProcessAws, ministack: MiniStack
) -> None:
    """Keys for a pool of this account; None for an unknown pool and for another issuer."""
    target = "AWSCognitoIdentityProviderService.CreateUserPool"
    pool = (await aws.target("cognito-idp", target, {"PoolName": "keys"}))["UserPool"]["Id"]
    issuer = "https://cognito-idp.us-east-1.amazonaws.com"
    keys = await ministack.jwks(f"{issuer}/{pool}")
    assert keys is not None
    assert keys["keys"]
    assert await ministack.jwks(f"{issuer}/us-east-1_nobody000") is None
    assert await ministack.jwks("https://accounts.example") is None


async def test_generation_grows_with_functions_and_apis_only(aws: InProcessAws, ministack: MiniStack) -> None:
    """A call and a CloudFormation resource of the data planes make it grow; reading and others do not."""
    before = ministack.generation
    await aws.get("apigateway", "/v2/apis")
    queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}
    assert await aws.deploy("generation-queue", {"Resources": queue}) == "CREATE_COMPLETE"
    unchanged = ministack.generation
    api = {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "g", "ProtocolType": "HTTP"}}}
    assert await aws.deploy("generation-api", {"Resources": api}) == "CREATE_COMPLETE"
    grown = ministack.generation
    await aws.post("apigateway", "/v2/apis", {"name": "generation", "protocolType": "HTTP"})
    assert unchanged == before
    assert before < grown < ministack.generation


THROTTLED = {
    "__type": "TooManyRequestsException",
    "Type": "User",
    "Reason": "ConcurrentInvocationLimitExceeded",
    "message": "Rate Exceeded.",
    "retryAfterSeconds": "1",
}


class Recording:
    """Functions that remember their invocations and answer what they are told to."""

    def __init__(self, answer: Invocation) -> None:
        self.answer = answer
        self.invoked: list[tuple[str, bytes]] = []

    async def invoke(self, function: str, payload: bytes, *, trace_id: str = "") -> Invocation:  # noqa: ARG002
        """Remember and answer."""
        self.invoked.append((function, payload))
        return self.answer


@pytest.mark.parametrize(
    ("answer", "status", "body", "error"),
    [
        (Invocation("r", b'{"ok":true}'), 200, {"ok": True}, None),
        (Invocation("r", b'{"errorMessage":"x"}', "Unhandled"), 200, {"errorMessage": "x"}, b"Unhandled"),
        (Invocation("r", throttled=True), 429, THROTTLED, None),
    ],
    ids=["returned", "failed", "throttled"],
)
async def test_invoke_runs_in_the_execution_plane(
    aws: InProcessAws, ministack: MiniStack, answer: Invocation, status: int, body: Json, error: bytes | None
) -> None:
    """A direct Invoke reaches our Functions and answers as Lambda does."""
    from localcloud.ministack import invocation_bridge  # noqa: PLC0415 - after MiniStack is configured

    name = f"bridged{status}{error is None}"
    await make_function(aws, name)
    functions = Recording(answer)
    invocation_bridge.install(functions, asyncio.get_running_loop())
    path = f"/2015-03-31/functions/{name}/invocations"
    response = await ministack.call("lambda", Request("POST", path, path.encode(), b"", (), b'{"a":1}'))
    assert functions.invoked == [(f"arn:aws:lambda:us-east-1:000000000000:function:{name}", b'{"a":1}')]
    assert response.status == status
    assert json.loads(response.body) == body
    assert dict(response.headers).get(b"x-amz-function-error") == error


async def test_saved_state_restored_has_code_and_tables(
    aws: InProcessAws, ministack: MiniStack, tmp_path: Path
) -> None:
    """What is written is given back, large code by its hash; unchanged state is not written again."""
    from ministack.services import lambda_svc  # noqa: PLC0415 - after it is configured

    from localcloud.ministack.state import SavedState  # noqa: PLC0415

    code = await make_function(aws, "kept")
    functions = lambda_svc._functions  # noqa: SLF001 - what a restart forgets
    large = functions.get_scoped("000000000000", "us-east-1", "kept")
    large["code_zip"] = code + bytes(10_000)
    saved = SavedState(tmp_path / "state.sqlite")
    changed = saved.take(None)
    saved.write(changed)
    assert "lambda" in changed
    assert "iam" in changed
    assert "iam" not in saved.take(None)
    saved.close()
    functions._data.clear()  # noqa: SLF001
    again = SavedState(tmp_path / "state.sqlite")
    again.restore()
    again.close()
    assert ministack.function_code("kept") == code + bytes(10_000)
    assert len(changed["lambda"]) < 10_000 + 4096 * len(functions)


def test_saved_state_has_log_events_on_the_last_save_alone(ministack: MiniStack, tmp_path: Path) -> None:
    """Groups are saved soon after they change; their events, which are many, when localcloud ends."""
    from localcloud.ministack.state import SavedState  # noqa: PLC0415

    ministack.append_logs("/saved", "stream", [(1000, "an event to keep")])
    saved = SavedState(tmp_path / "state.sqlite")
    while_running = saved.take(frozenset({"cloudwatch_logs"}))["cloudwatch_logs"]
    at_the_end = saved.take(None, whole=True)["cloudwatch_logs"]
    saved.close()
    assert "/saved" in while_running
    assert "an event to keep" not in while_running
    assert "an event to keep" in at_the_end


def test_saved_state_not_a_database_says_what_to_do(tmp_path: Path, ministack: MiniStack) -> None:
    """A file of something else is named, with the way out."""
    from localcloud.ministack.state import SavedState  # noqa: PLC0415

    assert ministack.region == "us-east-1"
    (tmp_path / "state.sqlite").write_bytes(b"not a database at all, by any measure" * 100)
    with pytest.raises(LocalcloudError, match=r"is corrupt .* delete the data directory"):
        SavedState(tmp_path / "state.sqlite").restore()


def test_interrupted_operation_gets_a_status_to_act_on(ministack: MiniStack) -> None:
    """A stack that was being created when localcloud was killed is a failed one after the start."""
    from ministack.services import cloudformation  # noqa: PLC0415

    from localcloud.ministack import interrupted_operations  # noqa: PLC0415

    stack = {"StackName": "cut", "StackStatus": "CREATE_IN_PROGRESS", "StackStatusReason": ""}
    stacks = cloudformation._stacks  # noqa: SLF001 - what a restart restores
    stacks.set_scoped(ministack.account_id, ministack.region, "cut", stack)
    interrupted_operations.end()
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert "deploy it again" in stack["StackStatusReason"]
    del stacks["cut"]
