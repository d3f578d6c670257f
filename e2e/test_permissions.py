"""Only who IAM lets calls AWS's APIs: signatures count, and a function can do what its role can."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from e2e.support.deadlines import eventually
from e2e.support.parley import get_users, ping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

NOT_PERMITTED = frozenset({"AccessDenied", "AccessDeniedException", "ForbiddenException"})
"""AWS's error codes for a caller whom it knows and IAM refuses."""

NOT_SIGNED = NOT_PERMITTED | {"MissingAuthenticationToken", "MissingAuthenticationTokenException"}
"""AWS's error codes for a request without a signature."""

NOT_KNOWN = NOT_PERMITTED | {
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
"""AWS's error codes for a signature that is wrong, or of a key that nobody has."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may not do what is asked."""

    session: boto3.Session
    config: Config
    refusals: frozenset[str]
    """The error codes by which AWS refuses such a caller."""


@pytest.fixture
def powerless(account: Account) -> Iterator[boto3.Session]:
    """Make an IAM user who may do nothing at all."""
    name = f"e2e-powerless-{secrets.token_hex(6)}"
    account.iam.create_user(UserName=name)
    key = account.iam.create_access_key(UserName=name)["AccessKey"]
    yield boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
    account.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    account.iam.delete_user(UserName=name)


@pytest.fixture(params=["unsigned", "wrong secret", "unknown key", "no permission"])
def caller(request: pytest.FixtureRequest, powerless: boto3.Session) -> Caller:
    """Give each caller who must be refused."""
    signed = Config(retries={"max_attempts": 0})
    known = powerless.get_credentials()
    assert known is not None
    callers = {
        "unsigned": Caller(powerless, signed.merge(Config(signature_version=UNSIGNED)), NOT_SIGNED),
        "wrong secret": Caller(boto3.Session(known.access_key, secrets.token_hex(20)), signed, NOT_KNOWN),
        "unknown key": Caller(boto3.Session("AKIAQQQQQQQQQQQQQQQQ", "secret"), signed, NOT_KNOWN),
        "no permission": Caller(powerless, signed, NOT_PERMITTED),
    }
    return callers[request.param]


async def refusal(call: Callable[[], object]) -> str:
    """Make a call that must fail; give AWS's error code."""
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


async def test_table_read_by_who_may_not_is_refused(account: Account, caller: Caller) -> None:
    """DynamoDB answers to permitted callers only."""
    dynamodb = caller.session.client(
        "dynamodb",
        region_name=account.target.region,
        endpoint_url=account.target.endpoint_url,
        config=caller.config,
    )
    table = account.table("Messages")
    # A key so new that AWS does not know it everywhere yet is refused too, but for another reason.
    await eventually(
        lambda: refusal(lambda: dynamodb.query(
            TableName=table,
            KeyConditionExpression="chatId = :chat",
            ExpressionAttributeValues={":chat": {"S": "dm:a:b"}},
        )),
        lambda code: code in caller.refusals,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("cloudformation", "list_stacks"),
        ("cloudwatch", "list_metrics"),
        ("cognito-idp", "list_user_pools"),
        ("iam", "list_roles"),
        ("lambda", "list_functions"),
        ("logs", "describe_log_groups"),
        ("s3", "list_buckets"),
        ("sqs", "list_queues"),
    ],
)
async def test_service_called_by_who_may_not_is_refused(
    account: Account, caller: Caller, service: str, operation: str
) -> None:
    """IAM stands before every API, not only before those that users' messages pass."""
    client = caller.session.client(
        service,  # type: ignore[call-overload]
        region_name=account.target.region,
        endpoint_url=account.target.endpoint_url,
        config=caller.config,
    )
    parameters = {"MaxResults": 1} if service == "cognito-idp" else {}
    await eventually(
        lambda: refusal(lambda: getattr(client, operation)(**parameters)),
        lambda code: code in caller.refusals,
    )


@pytest.mark.parametrize("operation", ["post_to_connection", "get_connection", "delete_connection"])
async def test_connection_managed_by_who_may_not_is_refused(
    parley: Parley, account: Account, alice: Person, caller: Caller, operation: str
) -> None:
    """Nobody without execute-api:ManageConnections posts to, looks at or closes a live connection."""
    management = caller.session.client(
        "apigatewaymanagementapi",
        region_name=account.target.region,
        endpoint_url=parley.management_url,
        config=caller.config,
    )
    body = {"Data": b'{"type": "forged"}'} if operation == "post_to_connection" else {}
    async with parley.socket(alice) as socket:
        (connection_id,) = await eventually(lambda: account.connections(alice.user_id))
        await eventually(
            lambda: refusal(lambda: getattr(management, operation)(ConnectionId=connection_id, **body)),
            lambda code: code in caller.refusals,
        )
        assert (await socket.ask(ping()))["type"] == "pong"
        assert len(socket.frames) == 1


async def test_function_whose_role_loses_a_permission_fails_until_it_is_back(
    parley: Parley, account: Account, alice: Person
) -> None:
    """A function is held to its role: denied its query, getUsers answers an error, permitted again, users."""
    role = account.resources["AWS::IAM::Role", "GetUsersRole"]
    denial = {"Effect": "Deny", "Action": "dynamodb:Query", "Resource": "*"}
    async with parley.socket(alice) as socket:

        async def answer_type() -> str:
            return str((await socket.ask(get_users(alice.username)))["type"])

        assert await answer_type() == "users"
        account.iam.put_role_policy(
            RoleName=role,
            PolicyName="e2e-denial",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denial]}),
        )
        try:
            await eventually(answer_type, lambda kind: kind == "error")
        finally:
            account.iam.delete_role_policy(RoleName=role, PolicyName="e2e-denial")
        await eventually(answer_type, lambda kind: kind == "users")
