"""A password's length by a parameter: mended here, still at fault upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Json


async def policy(aws: InProcessAws, stack: str) -> Json:
    """Deploy a user pool whose passwords are as long as a parameter says; the length that it has."""
    length = {"Policies": {"PasswordPolicy": {"MinimumLength": {"Ref": "Length"}}}}
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": stack, **length}}
    template = {
        "Parameters": {"Length": {"Type": "Number", "Default": 12}},
        "Resources": {"Pool": pool},
        "Outputs": {"Id": {"Value": {"Ref": "Pool"}}},
    }
    assert await aws.deploy(stack, template) == "CREATE_COMPLETE"
    asked = {"UserPoolId": (await aws.outputs(stack))["Id"]}
    described = await aws.target("cognito-idp", "AWSCognitoIdentityProviderService.DescribeUserPool", asked)
    return described["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"]


async def test_password_length_of_a_parameter_is_a_number(aws: InProcessAws) -> None:
    """With which the length of a password can be compared."""
    assert await policy(aws, "password-length") == 12


async def test_password_length_of_a_parameter_unfixed_is_text(aws: InProcessAws) -> None:
    """MiniStack alone keeps the parameter's text."""
    from localcloud.ministack.fixes import user_pool_password_policy  # noqa: PLC0415 - after it is configured

    with user_pool_password_policy.FIX.undone():
        assert await policy(aws, "password-length-text") == "12"
