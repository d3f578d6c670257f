"""A user pool with identity providers, and what a page and its server ask it for."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx

if TYPE_CHECKING:
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
