"""User pools in MiniStack whose password policy has a number that was written as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json, Template

_API = "AWSCognitoIdentityProviderService."


def template(stack: str) -> Template:
    """A pool and a client of it; the length is as a nested stack's parameter gives it."""
    policy = {"PasswordPolicy": {"MinimumLength": "12"}}
    return {
        "Resources": {
            "Pool": {
                "Type": "AWS::Cognito::UserPool",
                "Properties": {"UserPoolName": stack, "Policies": policy},
            },
            "Client": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": {"UserPoolId": {"Ref": "Pool"}, "ClientName": stack},
            },
        },
        "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}}},
    }


async def sign_up(aws: InProcessAws, stack: str, password: str) -> Json:
    """Deploy and sign a user up; give the answer."""
    assert await aws.deploy(stack, template(stack)) == "CREATE_COMPLETE"
    client = (await aws.outputs(stack))["Client"]
    return await aws.target(
        "cognito-idp", f"{_API}SignUp", {"ClientId": client, "Username": "ada", "Password": password}
    )


async def test_user_pool_takes_a_length_of_passwords_that_is_written_as_text(aws: InProcessAws) -> None:
    """As the number that it is: a longer password signs up, a shorter one does not."""
    assert "UserSub" in await sign_up(aws, "pool-long", "Long-Enough-1")
    refused = await sign_up(aws, "pool-short", "Too-Short-1")
    assert refused["__type"] == "InvalidPasswordException"


async def test_user_pool_with_a_length_as_text_unfixed_lets_nobody_sign_up(aws: InProcessAws) -> None:
    """MiniStack alone compares it with a string."""
    from localcloud.ministack.fixes import user_pool_numbers  # noqa: PLC0415 - after MiniStack is configured

    with user_pool_numbers.FIX.undone():
        assert "'<' not supported" in str(await sign_up(aws, "pool-unfixed", "Long-Enough-1"))
