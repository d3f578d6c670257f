"""A user pool's triggers around a sign-in, its tokens and its messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.localcloud.functions.triggered_pool import (
    KEEP_ALL,
    RAISE,
    claims,
    common,
    make_member,
    make_pool,
)

if TYPE_CHECKING:
    from tests.localcloud.functions.deployment import Deployment


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
