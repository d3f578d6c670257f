"""Signing in by identity providers: what is believed, and who may use what comes of it.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.localcloud.federated_pool import PAGE, SignIn, here, user_pools

if TYPE_CHECKING:
    from collections.abc import Mapping

    from e2e.support.openid_provider import OpenIdProvider
    from tests.localcloud.in_process_aws import InProcessAws


def claims(token: str) -> dict[str, Any]:
    """What a token says."""
    import jwt  # noqa: PLC0415 - of the tests below alone

    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read


@pytest.mark.parametrize("name", ["Google", "Workplace"])
async def test_user_of_an_identity_provider_signs_in(
    aws: InProcessAws, provider: OpenIdProvider, name: str
) -> None:
    """With the attributes that are mapped, in answer to what the page has sent."""
    pool = await SignIn.deploy(aws, f"signs-in-{name.lower()}", provider)
    back = await pool.come_back(name)
    assert back["state"] == "the-pages-own"
    tokens = (await pool.redeem(back["code"])).json()
    assert claims(tokens["access_token"])["username"] == f"{name}_{provider.subject}"
    told = claims(tokens["id_token"])
    assert (told["name"], told["email"]) == (provider.name, provider.email)
    assert told["identities"][0]["providerType"] == {"Google": "Google", "Workplace": "OIDC"}[name]
    again = await pool.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.status_code == 200


async def test_user_who_does_not_agree_comes_back_without_a_code(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """The page is told why, at its own address."""
    pool = await SignIn.deploy(aws, "does-not-agree", provider)
    back = await pool.come_back(click="Cancel")
    assert back == {
        "error": "access_denied",
        "error_description": "The user did not agree.",
        "state": "the-pages-own",
    }


FORGERIES: dict[str, Mapping[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "somebody-elses"},
    "ended": {"exp": 1_000_000_000, "iat": 999_999_000},
    "not yet": {"nbf": 4_000_000_000},
    "another sign-in": {"nonce": "of-another-sign-in"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("forgery", [*FORGERIES, "another key"])
async def test_id_token_that_is_not_the_providers_for_this_sign_in_signs_nobody_in(
    aws: InProcessAws, provider: OpenIdProvider, forgery: str
) -> None:
    """Whatever is wrong with it."""
    pool = await SignIn.deploy(aws, f"forged-{forgery.replace(' ', '-')}", provider)
    changed = FORGERIES.get(forgery, {})
    provider.forge = lambda told: {
        name: value for name, value in {**told, **changed}.items() if value is not None
    }
    provider.signing_key = rsa.generate_private_key(65_537, 2_048) if forgery == "another key" else None
    try:
        back = await pool.come_back()
    finally:
        provider.forge, provider.signing_key = dict, None
    assert back["error"] == "invalid_request"
    assert "code" not in back
    users = await user_pools(aws, "ListUsers", UserPoolId=pool.pool_id)
    assert users["Users"] == []


async def test_id_token_unfixed_is_believed_whoever_signed_it(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """MiniStack alone signs in whom a forger names, and takes the code without its verifier."""
    from localcloud.ministack.fixes import federated_sign_in, hosted_sign_in_addresses  # noqa: PLC0415

    pool = await SignIn.deploy(aws, "forged-unfixed", provider)
    provider.signing_key = rsa.generate_private_key(65_537, 2_048)
    try:
        with federated_sign_in.FIX.undone():
            for patch in hosted_sign_in_addresses.FIX._patches:  # noqa: SLF001 - undone above, as it is below it
                patch.put(patch.replacement(patch.current()))
            back = await pool.come_back("Workplace")
            redeemed = await pool.redeem(back["code"], code_verifier="")
    finally:
        provider.signing_key = None
    assert redeemed.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "https://evil.example/"},
        {"secret": "guessed"},
        {"secret": ""},
        {"client_id": "another"},
    ],
)
async def test_code_is_good_only_for_who_asked_for_it(
    aws: InProcessAws, provider: OpenIdProvider, changes: dict[str, str]
) -> None:
    """By its verifier, its address and its client's secret; who is refused does not spend it."""
    pool = await SignIn.deploy(aws, f"redeemed-by-{secrets.token_hex(4)}", provider)
    back = await pool.come_back()
    refused = await pool.redeem(back["code"], **changes)
    if "client_id" not in changes:  # the Authorization header goes before the form
        assert refused.status_code == 400
        assert (await pool.redeem(back["code"])).status_code == 200
    assert (await pool.redeem(back["code"])).json()["error"] == "invalid_grant"


async def test_tokens_of_a_client_with_a_secret_are_refreshed_and_revoked_by_it_alone(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """A refresh token that somebody has found is good for nothing, and cannot be ended by them."""
    pool = await SignIn.deploy(aws, "confidential", provider)
    tokens = (await pool.redeem((await pool.come_back())["code"])).json()
    refreshing = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await pool.token("guessed", **refreshing)).json()["error"] == "invalid_client"
    known = {"Token": tokens["refresh_token"], "ClientId": pool.client_id}
    refused = await user_pools(aws, "RevokeToken", **known, ClientSecret="guessed")
    assert refused["__type"].endswith("NotAuthorizedException")
    assert (await pool.token(**refreshing)).status_code == 200
    assert await user_pools(aws, "RevokeToken", **known, ClientSecret=pool.secret) == {}
    assert (await pool.token(**refreshing)).json()["error"] == "invalid_grant"


async def test_tokens_of_a_client_with_a_secret_unfixed_are_anybodys(
    aws: InProcessAws, provider: OpenIdProvider
) -> None:
    """MiniStack alone asks for no secret to revoke a token."""
    from localcloud.ministack.fixes import confidential_clients  # noqa: PLC0415

    pool = await SignIn.deploy(aws, "confidential-unfixed", provider)
    tokens = (await pool.redeem((await pool.come_back())["code"])).json()
    with confidential_clients.FIX.undone():
        assert (
            await user_pools(aws, "RevokeToken", Token=tokens["refresh_token"], ClientId=pool.client_id) == {}
        )


async def test_page_of_another_site_is_not_come_back_to(aws: InProcessAws, provider: OpenIdProvider) -> None:
    """Neither a page of another distribution, nor one beside the page that is registered."""
    pool = await SignIn.deploy(aws, "another-page", provider)
    async with here(aws) as browser:
        for address in (
            "http://d2example.cloudfront.localhost:4566/signed-in",
            f"{PAGE}/elsewhere",
            "https://evil.example/signed-in",
        ):
            refused = await browser.get("/oauth2/authorize", params=pool.asked(redirect_uri=address))
            assert refused.status_code == 400, address


async def test_pages_unfixed_are_not_come_back_to(aws: InProcessAws, provider: OpenIdProvider) -> None:
    """MiniStack alone knows a page by the address of the template, which no browser has."""
    from localcloud.ministack.fixes import hosted_sign_in_addresses  # noqa: PLC0415

    pool = await SignIn.deploy(aws, "pages-unfixed", provider)
    with hosted_sign_in_addresses.FIX.undone():
        async with here(aws) as browser:
            refused = await browser.get("/oauth2/authorize", params=pool.asked("Workplace"))
    assert refused.status_code == 400
