"""Identity providers of user pools, as templates deploy, change and remove them.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localcloud.federated_pool import SignIn, identity_provider, user_pools

if TYPE_CHECKING:
    from e2e.support.openid_provider import OpenIdProvider
    from tests.localcloud.in_process_aws import InProcessAws


async def test_identity_provider_is_described_as_deployed(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """Its secret is the one that the reference stands for, in a nested stack too."""
    pool = await SignIn.deploy(aws, "described", provider)
    named = {"UserPoolId": pool.pool_id, "ProviderName": "Workplace"}
    described = (await user_pools(aws, "DescribeIdentityProvider", **named))["IdentityProvider"]
    assert described["ProviderType"] == "OIDC"
    assert described["ProviderDetails"]["client_secret"] == provider.client_secret
    assert described["AttributeMapping"] == {"email": "email", "name": "name"}


async def test_identity_provider_is_updated_in_place_and_removed(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """Its details change; a mapping that the template drops is gone, and so is a provider that it drops."""
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "updated"}}
    one = identity_provider("Workplace", "OIDC", client_id="one", oidc_issuer=provider.issuer)
    two = identity_provider("Workplace", "OIDC", client_id="two", oidc_issuer=provider.issuer)
    del two["Properties"]["AttributeMapping"]
    outputs = {"Pool": {"Value": {"Ref": "Pool"}}}
    assert await aws.deploy(
        "updated", {"Resources": {"Pool": pool, "Provider": one}, "Outputs": outputs}
    ) == ("CREATE_COMPLETE")
    assert await aws.deploy(
        "updated", {"Resources": {"Pool": pool, "Provider": two}, "Outputs": outputs}
    ) == ("UPDATE_COMPLETE")
    pool_id = (await aws.outputs("updated"))["Pool"]
    described = await user_pools(
        aws, "DescribeIdentityProvider", UserPoolId=pool_id, ProviderName="Workplace"
    )
    assert described["IdentityProvider"]["ProviderDetails"]["client_id"] == "two"
    assert described["IdentityProvider"]["AttributeMapping"] == {}
    assert await aws.deploy("updated", {"Resources": {"Pool": pool}}) == "UPDATE_COMPLETE"
    gone = await user_pools(aws, "DescribeIdentityProvider", UserPoolId=pool_id, ProviderName="Workplace")
    assert gone["__type"].endswith("ResourceNotFoundException")


async def test_identity_provider_unfixed_cannot_be_deployed(aws: InProcessAws) -> None:
    """MiniStack alone does not know the type."""
    from localcloud.ministack.fixes import identity_provider_resources  # noqa: PLC0415

    with identity_provider_resources.FIX.undone():
        template = {"Resources": {"Provider": identity_provider("Workplace", "OIDC")}}
        assert "REJECTED" in await aws.deploy("no-such-type", template)


async def test_secret_of_a_nested_stack_unfixed_is_the_reference_itself(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """MiniStack alone hands the text of the reference to the resource."""
    from localcloud.ministack.fixes import nested_stack_secrets  # noqa: PLC0415

    with nested_stack_secrets.FIX.undone():
        pool = await SignIn.deploy(aws, "reference-unfixed", provider)
    described = await user_pools(
        aws, "DescribeIdentityProvider", UserPoolId=pool.pool_id, ProviderName="Google"
    )
    assert described["IdentityProvider"]["ProviderDetails"]["client_secret"].startswith("{{resolve:")
