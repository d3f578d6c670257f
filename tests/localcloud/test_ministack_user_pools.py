"""User pools in MiniStack: their issuer, their passwords, and what a refusal tells.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.localcloud.federated_pool import user_pools
from tests.localcloud.small_templates import stack_of

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json

PASSWORD = "Right-Pass-1234"  # noqa: S105 - of a user pool in memory


async def user_pool(aws: InProcessAws, stack: str) -> str:
    """Deploy a user pool whose provider URL is an output; the status."""
    template = {
        **stack_of(Pool={"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": stack}}),
        "Outputs": {
            "Url": {"Value": {"Fn::GetAtt": ["Pool", "ProviderURL"]}},
            "Id": {"Value": {"Ref": "Pool"}},
        },
    }
    return await aws.deploy(stack, template)


async def test_user_pool_provider_url_is_the_issuer(aws: InProcessAws) -> None:
    """The attribute is what tokens of the pool carry as their issuer."""
    assert await user_pool(aws, "pool") == "CREATE_COMPLETE"
    outputs = await aws.outputs("pool")
    assert outputs["Url"] == f"https://cognito-idp.us-east-1.amazonaws.com/{outputs['Id']}"


async def test_user_pool_provider_url_unfixed_fails_the_stack(aws: InProcessAws) -> None:
    """MiniStack alone does not know the attribute."""
    from localcloud.ministack.fixes import user_pool_provider_url  # noqa: PLC0415

    with user_pool_provider_url.FIX.undone():
        assert await user_pool(aws, "pool-unfixed") == "ROLLBACK_COMPLETE"


async def sign_up(aws: InProcessAws, name: str) -> list[Json]:
    """Deploy a user pool whose passwords' length is a parameter; sign up with a short one and a long one."""
    pool = {"PoolName": name, "Policies": {"PasswordPolicy": {"MinimumLength": {"Ref": "Length"}}}}
    client = {"UserPoolId": {"Ref": "Pool"}, "ClientName": name}
    template = {
        "Parameters": {"Length": {"Type": "Number", "Default": 14}},
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": pool},
            "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": client},
        },
        "Outputs": {"Client": {"Value": {"Ref": "Client"}}},
    }
    assert await aws.deploy(name, template) == "CREATE_COMPLETE"
    client_id = (await aws.outputs(name))["Client"]
    return [
        await user_pools(aws, "SignUp", ClientId=client_id, Username=f"u{len(password)}", Password=password)
        for password in ("Short-Pass-12", "Long-Enough-Pass-123")
    ]


async def test_length_of_passwords_may_be_a_parameter(aws: InProcessAws) -> None:
    """It holds as the number that it is."""
    short, long = await sign_up(aws, "length")
    assert short["__type"].endswith("InvalidPasswordException")
    assert "UserSub" in long


async def test_length_of_passwords_unfixed_fails_where_it_is_a_parameter(aws: InProcessAws) -> None:
    """MiniStack alone compares a number with a text."""
    from localcloud.ministack.fixes import password_policy_numbers  # noqa: PLC0415

    with password_policy_numbers.FIX.undone(), pytest.raises(TypeError):
        await sign_up(aws, "length-unfixed")


async def test_unknown_user_and_wrong_password_are_answered_alike(aws: InProcessAws) -> None:
    """Nobody learns from the user pool who has an account: signing in, or having a code sent."""
    pool = (await user_pools(aws, "CreateUserPool", PoolName="alike"))["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = await user_pools(
        aws,
        "CreateUserPoolClient",
        UserPoolId=pool,
        ClientName="alike",
        ExplicitAuthFlows=flows,
        PreventUserExistenceErrors="ENABLED",
    )
    client_id = client["UserPoolClient"]["ClientId"]
    await user_pools(aws, "AdminCreateUser", UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    await user_pools(
        aws,
        "AdminSetUserPassword",
        UserPoolId=pool,
        Username="ada",
        Password=PASSWORD,
        Permanent=True,
    )

    async def answers(username: str) -> list[Json]:
        known = {"USERNAME": username, "PASSWORD": "Wrong-Pass-1234"}
        password = await user_pools(
            aws, "InitiateAuth", ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=known
        )
        challenge = await user_pools(
            aws,
            "InitiateAuth",
            ClientId=client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": username, "SRP_A": "a" * 768},
        )
        given = challenge["ChallengeParameters"]
        proof = {
            "USERNAME": given["USER_ID_FOR_SRP"],
            "PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(b"no" * 16).decode(),
            "TIMESTAMP": "Sat Nov 21 13:40:52 UTC 2026",
        }
        responded = await user_pools(
            aws,
            "RespondToAuthChallenge",
            ClientId=client_id,
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses=proof,
        )
        return [password, sorted(challenge), sorted(given), responded]

    assert await answers("ada") == await answers("nobody")


@pytest.mark.parametrize("allowed", [True, False])
async def test_password_itself_signs_in_only_where_the_client_lets_it(
    aws: InProcessAws, *, allowed: bool
) -> None:
    """What the stack's parameter PasswordSignIn sets; SRP, by which no password is sent, always works."""
    name = f"by-password-{allowed}".lower()
    pool = (await user_pools(aws, "CreateUserPool", PoolName=name))["UserPool"]["Id"]
    flows = ["ALLOW_USER_SRP_AUTH", *(["ALLOW_USER_PASSWORD_AUTH"] if allowed else [])]
    made = await user_pools(
        aws, "CreateUserPoolClient", UserPoolId=pool, ClientName=name, ExplicitAuthFlows=flows
    )
    client = {"ClientId": made["UserPoolClient"]["ClientId"]}
    await user_pools(aws, "AdminCreateUser", UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    await user_pools(
        aws, "AdminSetUserPassword", UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True
    )
    known = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    answer = await user_pools(
        aws, "InitiateAuth", **client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=known
    )
    if allowed:
        assert "AccessToken" in answer["AuthenticationResult"]
    else:
        assert answer["__type"].endswith("InvalidParameterException")
    proven = {"USERNAME": "ada", "SRP_A": "a" * 768}
    challenge = await user_pools(
        aws, "InitiateAuth", **client, AuthFlow="USER_SRP_AUTH", AuthParameters=proven
    )
    assert challenge["ChallengeName"] == "PASSWORD_VERIFIER"
