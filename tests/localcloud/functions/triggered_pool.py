"""A user pool whose triggers are real functions, which keep the events that they get."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.localcloud.functions.deployment import Deployment
    from tests.localcloud.in_process_aws import InProcessAws, Json

KEEP_ALL = """
def handler(event, context):
    keep(event)
    return event
"""
RAISE = """
def handler(event, context):
    keep(event)
    raise ValueError("Only members of example.com")
"""
PASSWORD = "Correct-Horse-7"  # noqa: S105 - of a user of this test


@dataclass(frozen=True, slots=True)
class Pool:
    """A user pool with one app client."""

    aws: InProcessAws
    pool_id: str
    client_id: str

    async def call(self, operation: str, **parameters: Any) -> Json:
        """A call of Cognito for the client, or, for an administrator's call, for the pool."""
        scope = {"UserPoolId": self.pool_id} if operation.startswith("Admin") else {}
        if not operation.startswith("Admin") or operation.endswith("InitiateAuth"):
            scope["ClientId"] = self.client_id
        target = f"AWSCognitoIdentityProviderService.{operation}"
        return await self.aws.target("cognito-idp", target, {**scope, **parameters})

    async def sign_up(self, username: str, **parameters: Any) -> Json:
        """Sign a user up with an address."""
        attributes = [{"Name": "email", "Value": f"{username}@example.com"}]
        return await self.call(
            "SignUp", Username=username, Password=PASSWORD, UserAttributes=attributes, **parameters
        )

    async def sign_in(self, username: str, **parameters: Any) -> Json:
        """Sign a user in with the password."""
        return await self.call(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
            **parameters,
        )

    async def attributes(self, username: str) -> dict[str, str]:
        """A user's attributes."""
        user = await self.call("AdminGetUser", Username=username)
        return {each["Name"]: each["Value"] for each in user["UserAttributes"]}


async def make_pool(
    deployment: Deployment, name: str, code: Mapping[str, str], *, permitted: bool = True
) -> Pool:
    """A pool named ``name`` and a function for each trigger in ``code``, named after both."""
    aws = deployment.aws
    config: dict[str, Any] = {}
    for trigger, source in code.items():
        if trigger == "PreTokenGenerationV2":
            arn = await deployment.function(f"{name}-{trigger}", source)
            config["PreTokenGenerationConfig"] = {"LambdaArn": arn, "LambdaVersion": "V2_0"}
        else:
            config[trigger] = await deployment.function(f"{name}-{trigger}", source)
    created = await aws.target(
        "cognito-idp",
        "AWSCognitoIdentityProviderService.CreateUserPool",
        {"PoolName": name, "LambdaConfig": config, "AutoVerifiedAttributes": ["email"]},
    )
    pool = created["UserPool"]
    for trigger in code if permitted else ():
        await deployment.permit(f"{name}-{trigger}", "cognito-idp.amazonaws.com", pool["Arn"])
    client = await aws.target(
        "cognito-idp",
        "AWSCognitoIdentityProviderService.CreateUserPoolClient",
        {
            "UserPoolId": pool["Id"],
            "ClientName": "web",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        },
    )
    return Pool(aws, pool["Id"], client["UserPoolClient"]["ClientId"])


async def make_member(pool: Pool, username: str) -> None:
    """A user who is confirmed and has a password, made by an administrator."""
    await pool.call("AdminCreateUser", Username=username, MessageAction="SUPPRESS")
    await pool.call("AdminSetUserPassword", Username=username, Password=PASSWORD, Permanent=True)


def common(pool: Pool, source: str, username: str, client_id: str | None = None) -> Json:
    """What every event begins with."""
    return {
        "version": "1",
        "region": "us-east-1",
        "userPoolId": pool.pool_id,
        "userName": username,
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": client_id or pool.client_id,
        },
        "triggerSource": source,
    }


def claims(token: str) -> Json:
    """What a token says."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
