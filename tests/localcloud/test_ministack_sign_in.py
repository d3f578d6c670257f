"""Signing in by identity providers: what is deployed, what is believed, who may use what comes of it.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from e2e.support.openid_provider import openid_provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from e2e.support.openid_provider import OpenIdProvider
    from tests.localcloud.in_process_aws import InProcessAws, Json, Template

HERE = "http://127.0.0.1:4566"
APP = "https://127.0.0.1:4566/_aws/cloudfront/d1example"
"""A page's address as templates have it."""
PAGE = "http://d1example.cloudfront.localhost:4566"
"""The same as a browser has it."""
IDP = "AWS::Cognito::UserPoolIdentityProvider"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    """An OpenID provider, which plays Google too."""
    with openid_provider() as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOCALCLOUD_GOOGLE_ISSUER", running.issuer)
        yield running


def identity_provider(name: str, kind: str, **details: str) -> Template:
    """An identity provider of the template's user pool."""
    mapping = {"email": "email", "name": "name"}
    properties = {
        "UserPoolId": {"Ref": "Pool"},
        "ProviderName": name,
        "ProviderType": kind,
        "ProviderDetails": {"authorize_scopes": "openid email profile", **details},
        "AttributeMapping": mapping,
    }
    return {"Type": IDP, "Properties": properties}


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user pool with Google and another provider, and a client that has a secret."""

    aws: InProcessAws
    pool_id: str
    client_id: str
    secret: str

    @classmethod
    async def deploy(cls, aws: InProcessAws, name: str, provider: OpenIdProvider) -> SignIn:
        """Deploy it."""
        await aws.target(
            "secretsmanager",
            "secretsmanager.CreateSecret",
            {
                "Name": name,
                "SecretString": provider.client_secret,
                "ClientRequestToken": secrets.token_hex(16),
            },
        )
        known = {
            "client_id": provider.client_id,
            "client_secret": f"{{{{resolve:secretsmanager:{name}:SecretString}}}}",
        }
        client = {
            "UserPoolId": {"Ref": "Pool"},
            "GenerateSecret": True,
            "SupportedIdentityProviders": [{"Ref": "Google"}, {"Ref": "Workplace"}],
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email", "profile"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "CallbackURLs": [f"{APP}/signed-in"],
        }
        child = {
            "Resources": {
                "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": name}},
                "Domain": {
                    "Type": "AWS::Cognito::UserPoolDomain",
                    "Properties": {"UserPoolId": {"Ref": "Pool"}, "Domain": name},
                },
                "Google": identity_provider("Google", "Google", **known),
                "Workplace": identity_provider("Workplace", "OIDC", oidc_issuer=provider.issuer, **known),
                "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": client},
            },
            "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}}},
        }
        nested = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": await aws.upload(child)},
        }
        outputs = {key: {"Value": {"Fn::GetAtt": ["Nested", f"Outputs.{key}"]}} for key in ("Pool", "Client")}
        template = {"Resources": {"Nested": nested}, "Outputs": outputs}
        assert await aws.deploy(name, template) == "CREATE_COMPLETE"
        found = await aws.outputs(name)
        described = await user_pools(
            aws, "DescribeUserPoolClient", UserPoolId=found["Pool"], ClientId=found["Client"]
        )
        return cls(aws, found["Pool"], found["Client"], described["UserPoolClient"]["ClientSecret"])

    def asked(self, name: str = "Google", **changes: str) -> dict[str, str]:
        """What the page asks the user pool with."""
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": f"{PAGE}/signed-in",
            "scope": "openid email profile",
            "state": "the-pages-own",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "identity_provider": name,
            **changes,
        }

    async def come_back(self, name: str = "Google", *, click: str = "Continue") -> dict[str, str]:
        """Go to the provider and click; what the browser comes back to the page with."""
        async with here(self.aws) as browser:
            left = await browser.get("/oauth2/authorize", params=self.asked(name))
            assert left.status_code == 302, left.text
            async with httpx.AsyncClient() as outside:
                page = (await outside.get(left.headers["location"])).text
            (link,) = re.findall(rf'href="([^"]+)">{click}', page)
            back = await browser.get(link.replace("&amp;", "&"))
        assert back.status_code == 302, back.text
        address = urlsplit(back.headers["location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{PAGE}/signed-in"
        return dict(parse_qsl(address.query))

    async def token(self, secret: str | None = None, **form: str) -> httpx.Response:
        """Ask for tokens as the client."""
        known = (self.client_id, self.secret if secret is None else secret)
        async with here(self.aws) as client:
            return await client.post("/oauth2/token", data=form, auth=known)

    async def redeem(self, code: str, secret: str | None = None, **changes: str) -> httpx.Response:
        """Redeem a code as the page's server does."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": VERIFIER,
            "redirect_uri": f"{PAGE}/signed-in",
            "client_id": self.client_id,
        }
        return await self.token(secret, **{**form, **changes})


def here(aws: InProcessAws) -> httpx.AsyncClient:
    """A client of this server."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=aws.control_plane), base_url=HERE)


async def user_pools(aws: InProcessAws, action: str, **body: object) -> Json:
    """Call the API of user pools."""
    return await aws.target("cognito-idp", f"AWSCognitoIdentityProviderService.{action}", body)


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


@pytest.mark.usefixtures("aws")
def test_origin_that_is_an_api_is_reached_at_this_server() -> None:
    """Whatever protocol the distribution is told to use; another origin is left as it is."""
    from ministack.services import cloudfront  # noqa: PLC0415

    from localcloud.ministack.fixes import cloudfront_api_origins  # noqa: PLC0415

    def target(domain: str) -> tuple[str, int, bool]:
        origin = {"domain_name": domain, "protocol_policy": "https-only", "https_port": 443, "http_port": 80}
        found: tuple[str, int, bool] = cloudfront._origin_connect_target(origin, True)  # noqa: SLF001
        return found

    api = "abc123.execute-api.us-east-1.amazonaws.com"
    assert target(api) == ("127.0.0.1", 4566, False)
    assert target("files.example.com") == ("files.example.com", 443, True)
    with cloudfront_api_origins.FIX.undone():
        assert target(api) == (api, 443, True), "upstream has mended it"


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
        Password="Right-Pass-1234",  # noqa: S106 - of a user pool in memory
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
