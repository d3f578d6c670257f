"""Signing in by providers: where secrets stand, what the client of browsers may, what parameters take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from chat.service.web_sessions import LIFETIME

if TYPE_CHECKING:
    from tests.stack.template import Template


def test_secrets_of_providers_are_references(templates: dict[str, Template]) -> None:
    """No parameter takes a secret, so none stands in a template, a change set or a log."""
    providers = templates["federation"].of_type("AWS::Cognito::UserPoolIdentityProvider")
    for name, provider in providers.items():
        secret = provider["Properties"]["ProviderDetails"]["client_secret"]["Fn::Sub"]
        assert secret == f"{{{{resolve:secretsmanager:${{{name}ClientSecret}}:SecretString}}}}"
        assert "email_verified" not in provider["Properties"]["AttributeMapping"]
    assert providers.keys() == {"Google", "Oidc"}


def test_client_of_browsers_keeps_a_secret_and_redeems_codes_alone(templates: dict[str, Template]) -> None:
    """For the site's one address; and it tells nobody who has an account."""
    client = templates["federation"].resources["Client"]["Properties"]
    assert client["GenerateSecret"] is True
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
    assert client["CallbackURLs"] == [{"Fn::Sub": "${WebUrl}/signed-in"}]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert client["TokenValidityUnits"]["RefreshToken"] == "days"
    assert client["RefreshTokenValidity"] * 24 * 60 * 60 == LIFETIME, "sessions last as long as their tokens"


def test_table_of_sessions_is_encrypted_and_forgets(templates: dict[str, Template]) -> None:
    """It holds refresh tokens, until they end."""
    table = templates["federation"].resources["Sessions"]["Properties"]
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_answers_of_sessions_are_kept_by_no_cache(templates: dict[str, Template]) -> None:
    """And pass on all that a browser sends but the host, which is the site's."""
    distribution = templates["web"].resources["Distribution"]["Properties"]["DistributionConfig"]
    _, (behavior,), _ = distribution["CacheBehaviors"]["Fn::If"]
    assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert behavior["ViewerProtocolPolicy"] == "https-only"
    assert "POST" in behavior["AllowedMethods"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("SignInDomain", ["", "parley-prod", "p"], ["-p", "p-", "Parley", "a.b"]),
        (
            "GoogleClientSecret",
            ["", "parley/google", "arn:aws:secretsmanager:eu-west-1:1:secret:a-b"],
            ["}}", "a b"],
        ),
        ("OidcName", ["", "Workplace"], ["W", "Work place", "<b>"]),
        ("OidcIssuer", ["", "https://login.example.com/tenant"], ["login.example.com", "ftp://x"]),
    ],
)
def test_parameters_of_sign_in_take_what_can_work(
    templates: dict[str, Template], name: str, good: list[str], bad: list[str]
) -> None:
    """Empty is a stack without it, which is what they are by default."""
    declared = templates["root"].parameters[name]
    assert declared["Default"] == ""
    assert all(re.search(declared["AllowedPattern"], value) for value in good)
    assert not any(re.search(declared["AllowedPattern"], value) for value in bad)
