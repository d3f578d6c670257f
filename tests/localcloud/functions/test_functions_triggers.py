"""A user pool's triggers with real functions: when they fire, with which event, and what they refuse."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.interfaces import Request

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


async def test_pre_sign_up_gets_the_event_that_aws_sends(deployment: Deployment) -> None:
    """The user has no sub yet; validation data and metadata are passed on, and null and absent without."""
    pool = await make_pool(deployment, "presignup", {"PreSignUp": KEEP_ALL})
    data = [{"Name": "invitation", "Value": "7"}]
    await pool.sign_up("ann", ValidationData=data, ClientMetadata={"from": "web"})
    await pool.sign_up("bob")
    ann, bob = sorted(deployment.kept("presignup-PreSignUp"), key=lambda event: event["userName"])
    assert ann == {
        **common(pool, "PreSignUp_SignUp", "ann"),
        "request": {
            "userAttributes": {"email": "ann@example.com"},
            "validationData": {"invitation": "7"},
            "clientMetadata": {"from": "web"},
        },
        "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    }
    assert bob["request"] == {"userAttributes": {"email": "bob@example.com"}, "validationData": None}


async def test_pre_sign_up_that_raises_refuses_the_sign_up(deployment: Deployment) -> None:
    """The answer is UserLambdaValidationException with the function's own words, and there is no user."""
    pool = await make_pool(deployment, "refused", {"PreSignUp": RAISE})
    assert await pool.sign_up("ann") == {
        "__type": "UserLambdaValidationException",
        "message": "PreSignUp failed with error Only members of example.com.",
    }
    assert (await pool.call("AdminGetUser", Username="ann"))["__type"] == "UserNotFoundException"


async def test_pre_sign_up_for_an_administrators_user_fires(deployment: Deployment) -> None:
    """AdminCreateUser asks PreSignUp too, under a source of its own, and heeds its refusal."""
    pool = await make_pool(deployment, "admin", {"PreSignUp": RAISE})
    refused = await pool.call("AdminCreateUser", Username="ann", MessageAction="SUPPRESS")
    assert refused["__type"] == "UserLambdaValidationException"
    [event] = deployment.kept("admin-PreSignUp")
    assert event["triggerSource"] == "PreSignUp_AdminCreateUser"
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"


async def test_trigger_without_permission_refuses_the_operation(deployment: Deployment) -> None:
    """A function whose policy does not name the pool is not invoked, and nobody can sign up."""
    pool = await make_pool(deployment, "unpermitted", {"PreSignUp": KEEP_ALL}, permitted=False)
    assert await pool.sign_up("ann") == {
        "__type": "UnexpectedLambdaException",
        "message": "PreSignUp invocation failed due to error AccessDeniedException.",
    }
    assert deployment.kept("unpermitted-PreSignUp") == []


async def test_trigger_that_returns_no_event_refuses_the_operation(deployment: Deployment) -> None:
    """A handler that forgets to return the event is refused as on AWS."""
    code = "def handler(event, context):\n    pass\n"
    pool = await make_pool(deployment, "forgetful", {"PreSignUp": code})
    assert await pool.sign_up("ann") == {
        "__type": "InvalidLambdaResponseException",
        "message": "Unrecognizable lambda output",
    }


async def test_trigger_that_is_throttled_refuses_the_operation(deployment: Deployment) -> None:
    """A function without any concurrency cannot be asked."""
    pool = await make_pool(deployment, "throttled", {"PreSignUp": KEEP_ALL})
    path = "/2017-10-31/functions/throttled-PreSignUp/concurrency"
    body = b'{"ReservedConcurrentExecutions": 0}'
    await deployment.aws.control_plane.call("lambda", Request("PUT", path, path.encode(), b"", (), body))
    refused = await pool.sign_up("ann")
    assert refused["__type"] == "UnexpectedLambdaException"
    assert refused["message"] == "PreSignUp invocation failed due to error TooManyRequestsException."


async def test_trigger_that_does_not_answer_is_tried_three_times(deployment: Deployment) -> None:
    """Cognito waits for each attempt, gives up after the third, and says so."""
    from localcloud.ministack import triggers  # noqa: PLC0415 - after MiniStack is configured
    from localcloud.ministack.triggers import TriggerError  # noqa: PLC0415

    assert (triggers.ATTEMPTS, triggers.ATTEMPT_SECONDS) == (3, 5.0)
    pool = await make_pool(deployment, "slow", {"PreSignUp": KEEP_ALL})
    attempts: list[Json] = []

    def execute(_function: Json, event: Json) -> Json:
        attempts.append(event)
        raise TimeoutError

    arn = "arn:aws:lambda:us-east-1:000000000000:function:slow-PreSignUp"
    message = "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function."
    with triggers.invoking("PreSignUp"), pytest.raises(TriggerError, match=message):
        triggers.as_cognito(execute)({"config": {"FunctionArn": arn}}, {"userPoolId": pool.pool_id})
    assert len(attempts) == 3


async def test_post_confirmation_fires_once_the_code_is_confirmed(deployment: Deployment) -> None:
    """It gets the user's attributes, with the verified address and the status."""
    pool = await make_pool(deployment, "confirmed", {"PostConfirmation": KEEP_ALL})
    await pool.sign_up("ann")
    assert deployment.kept("confirmed-PostConfirmation") == []
    confirmed = await pool.call(
        "ConfirmSignUp", Username="ann", ConfirmationCode="123456", ClientMetadata={"from": "web"}
    )
    assert confirmed == {}
    [event] = deployment.kept("confirmed-PostConfirmation")
    assert event == {
        **common(pool, "PostConfirmation_ConfirmSignUp", "ann"),
        "request": {
            "userAttributes": {
                "sub": event["request"]["userAttributes"]["sub"],
                "email": "ann@example.com",
                "email_verified": "true",
                "cognito:user_status": "CONFIRMED",
            },
            "clientMetadata": {"from": "web"},
        },
        "response": {},
    }


async def test_post_confirmation_fires_for_an_administrators_confirmation(deployment: Deployment) -> None:
    """AdminConfirmSignUp fires it without a client, and verifies no address."""
    pool = await make_pool(deployment, "byadmin", {"PostConfirmation": KEEP_ALL})
    await pool.sign_up("ann")
    await pool.call("AdminConfirmSignUp", Username="ann")
    [event] = deployment.kept("byadmin-PostConfirmation")
    assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert "email_verified" not in event["request"]["userAttributes"]
    assert "clientMetadata" not in event["request"]


async def test_post_confirmation_fires_for_a_new_password(deployment: Deployment) -> None:
    """ConfirmForgotPassword fires it under a source of its own."""
    pool = await make_pool(deployment, "forgot", {"PostConfirmation": KEEP_ALL})
    await pool.sign_up("ann")
    await pool.call("AdminConfirmSignUp", Username="ann")
    await pool.call("ForgotPassword", Username="ann")
    changed = await pool.call(
        "ConfirmForgotPassword", Username="ann", ConfirmationCode="654321", Password=PASSWORD
    )
    assert changed == {}
    sources = {event["triggerSource"] for event in deployment.kept("forgot-PostConfirmation")}
    assert sources == {"PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword"}


async def test_post_confirmation_fires_for_whom_pre_sign_up_confirms(deployment: Deployment) -> None:
    """AutoConfirmUser confirms and autoVerifyEmail verifies, so SignUp fires both triggers."""
    code = (
        "def handler(event, context):\n"
        "    event['response'] |= {'autoConfirmUser': True, 'autoVerifyEmail': True}\n"
        "    return event\n"
    )
    pool = await make_pool(deployment, "auto", {"PreSignUp": code, "PostConfirmation": KEEP_ALL})
    assert (await pool.sign_up("ann"))["UserConfirmed"] is True
    [event] = deployment.kept("auto-PostConfirmation")
    assert event["request"]["userAttributes"]["email_verified"] == "true"


async def test_post_confirmation_that_raises_is_told_though_the_user_is_confirmed(
    deployment: Deployment,
) -> None:
    """The caller sees the error; the confirmation stands, as on AWS."""
    pool = await make_pool(deployment, "toolate", {"PostConfirmation": RAISE})
    await pool.sign_up("ann")
    told = await pool.call("ConfirmSignUp", Username="ann", ConfirmationCode="123456")
    assert told["__type"] == "UserLambdaValidationException"
    assert told["message"] == "PostConfirmation failed with error Only members of example.com."
    assert (await pool.call("AdminGetUser", Username="ann"))["UserStatus"] == "CONFIRMED"


async def test_triggers_unfixed_leave_post_confirmation_and_address_alone(deployment: Deployment) -> None:
    """MiniStack alone fires no PostConfirmation and verifies no address."""
    from localcloud.ministack.fixes import user_pool_triggers  # noqa: PLC0415

    pool = await make_pool(deployment, "raw", {"PostConfirmation": KEEP_ALL})
    await pool.sign_up("ann")
    with user_pool_triggers.FIX.undone():
        await pool.call("ConfirmSignUp", Username="ann", ConfirmationCode="123456")
    assert deployment.kept("raw-PostConfirmation") == []
    assert "email_verified" not in await pool.attributes("ann")


async def test_authentication_triggers_fire_around_a_sign_in(deployment: Deployment) -> None:
    """PreAuthentication gets the metadata as validation data; PostAuthentication fires before the tokens."""
    pool = await make_pool(
        deployment, "signin", {"PreAuthentication": KEEP_ALL, "PostAuthentication": KEEP_ALL}
    )
    await make_member(pool, "ann")
    signed_in = await pool.sign_in("ann", ClientMetadata={"from": "web"})
    assert "AccessToken" in signed_in["AuthenticationResult"]
    [before], [after] = (
        deployment.kept(f"signin-{name}") for name in ("PreAuthentication", "PostAuthentication")
    )
    attributes = {"sub": before["request"]["userAttributes"]["sub"], "cognito:user_status": "CONFIRMED"}
    assert before == {
        **common(pool, "PreAuthentication_Authentication", "ann"),
        "request": {"userAttributes": attributes, "validationData": {"from": "web"}},
        "response": {},
    }
    assert after == {
        **common(pool, "PostAuthentication_Authentication", "ann"),
        "request": {"userAttributes": attributes, "newDeviceUsed": False},
        "response": {},
    }


async def test_authentication_triggers_do_not_fire_for_a_refresh(deployment: Deployment) -> None:
    """A refresh token is no sign-in."""
    pool = await make_pool(
        deployment, "refresh", {"PreAuthentication": KEEP_ALL, "PostAuthentication": KEEP_ALL}
    )
    await make_member(pool, "ann")
    token = (await pool.sign_in("ann"))["AuthenticationResult"]["RefreshToken"]
    parameters = {"REFRESH_TOKEN": token}
    again = await pool.call("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)
    assert "AccessToken" in again["AuthenticationResult"]
    assert len(deployment.kept("refresh-PreAuthentication")) == 1
    assert len(deployment.kept("refresh-PostAuthentication")) == 1


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
async def test_trigger_that_raises_refuses_the_sign_in(deployment: Deployment, trigger: str) -> None:
    """No tokens are given; the answer has the function's own words."""
    pool = await make_pool(deployment, f"no{trigger}", {trigger: RAISE})
    await make_member(pool, "ann")
    assert await pool.sign_in("ann") == {
        "__type": "UserLambdaValidationException",
        "message": f"{trigger} failed with error Only members of example.com.",
    }


async def test_pre_token_generation_v1_changes_the_id_token_alone(deployment: Deployment) -> None:
    """Claims are added to and taken from the ID token."""
    code = (
        "def handler(event, context):\n"
        "    keep(event)\n"
        "    claims = {'claimsToAddOrOverride': {'plan': 'gold'}, 'claimsToSuppress': ['email']}\n"
        "    event['response']['claimsOverrideDetails'] = claims\n"
        "    return event\n"
    )
    pool = await make_pool(deployment, "claims", {"PreTokenGeneration": code})
    await make_member(pool, "ann")
    result = (await pool.sign_in("ann"))["AuthenticationResult"]
    assert claims(result["IdToken"])["plan"] == "gold"
    assert "plan" not in claims(result["AccessToken"])
    [event] = deployment.kept("claims-PreTokenGeneration")
    assert event == {
        **common(pool, "TokenGeneration_Authentication", "ann"),
        "request": {
            "userAttributes": {
                "sub": event["request"]["userAttributes"]["sub"],
                "cognito:user_status": "CONFIRMED",
            },
            "groupConfiguration": {
                "groupsToOverride": [],
                "iamRolesToOverride": [],
                "preferredRole": None,
            },
        },
        "response": {"claimsOverrideDetails": None},
    }


async def test_pre_token_generation_v2_is_asked_once_for_both_tokens(deployment: Deployment) -> None:
    """One event changes the ID token and the access token, each by its own section."""
    code = (
        "def handler(event, context):\n"
        "    keep(event)\n"
        "    event['response']['claimsAndScopeOverrideDetails'] = {\n"
        "        'idTokenGeneration': {'claimsToAddOrOverride': {'plan': 'gold'}},\n"
        "        'accessTokenGeneration': {'claimsToAddOrOverride': {'role': 'admin'}},\n"
        "    }\n"
        "    return event\n"
    )
    pool = await make_pool(deployment, "v2", {"PreTokenGenerationV2": code})
    await make_member(pool, "ann")
    result = (await pool.sign_in("ann"))["AuthenticationResult"]
    assert claims(result["IdToken"])["plan"] == "gold"
    assert claims(result["AccessToken"])["role"] == "admin"
    [event] = deployment.kept("v2-PreTokenGenerationV2")
    assert event["version"] == "2"
    assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]


async def test_custom_message_that_raises_refuses_the_operation(deployment: Deployment) -> None:
    """AdminCreateUser asks CustomMessage for the invitation and heeds its refusal."""
    pool = await make_pool(deployment, "message", {"CustomMessage": RAISE})
    attributes = [{"Name": "email", "Value": "ann@example.com"}]
    refused = await pool.call(
        "AdminCreateUser", Username="ann", UserAttributes=attributes, DesiredDeliveryMediums=["EMAIL"]
    )
    assert refused["message"] == "CustomMessage failed with error Only members of example.com."
    [event] = deployment.kept("message-CustomMessage")
    assert event["triggerSource"] == "CustomMessage_AdminCreateUser"
    assert event["request"]["codeParameter"] == "{####}"


async def test_trigger_calls_cognito_back_without_a_deadlock(deployment: Deployment) -> None:
    """A function that runs while its pool is being called leaves the event loop free for other calls."""
    code = (
        "import pathlib, time, os\n"
        "def handler(event, context):\n"
        "    keep(event)\n"
        "    go = pathlib.Path(os.environ['KEPT']) / 'go'\n"
        "    while not go.exists():\n"
        "        time.sleep(0.005)\n"
        "    return event\n"
    )
    pool = await make_pool(deployment, "busy", {"PreSignUp": code})
    signing_up = asyncio.create_task(pool.sign_up("ann"))
    await deployment.events("busy-PreSignUp", 1)
    assert (await pool.call("AdminGetUser", Username="ann"))["__type"] == "UserNotFoundException"
    (deployment.directory / "busy-PreSignUp" / "go").touch()
    assert "UserSub" in await signing_up
