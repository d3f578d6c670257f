"""A user pool's triggers around a sign-up: when they fire, with which event, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.interfaces import Request
from tests.localcloud.functions.triggered_pool import (
    KEEP_ALL,
    PASSWORD,
    RAISE,
    common,
    make_pool,
)

if TYPE_CHECKING:
    from tests.localcloud.functions.deployment import Deployment
    from tests.localcloud.in_process_aws import Json


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
