"""What the parameters of sign-in, origins, domain and firewall change in what is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack.rendered import RefusedError

if TYPE_CHECKING:
    from tests.stack.rendered import Render

DOMAIN = "chat.example.com"
ACL = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/standing/1"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"
GOOGLE = {"GoogleClientId": "chat-at-google", "GoogleClientSecret": "parley/google"}
WORKPLACE = {
    "OidcName": "Workplace",
    "OidcIssuer": "https://login.example.com",
    "OidcClientId": "chat-at-work",
    "OidcClientSecret": "parley/work",
}
POOL, CLIENT = "Auth.UserPool.Properties", "Auth.UserPoolClient.Properties"
DISTRIBUTIONS = ("Downloads.MediaDistribution", "Web.Distribution")


@pytest.mark.parametrize(
    ("parameter", "value", "changes"),
    [
        (
            "PasswordSignIn",
            "enabled",
            {f"{CLIENT}.ExplicitAuthFlows.2": (None, "ALLOW_USER_PASSWORD_AUTH")},
        ),
        ("PasswordLength", "16", {f"{POOL}.Policies.PasswordPolicy.MinimumLength": ("12", "16")}),
        (
            "Mfa",
            "optional",
            {
                f"{POOL}.MfaConfiguration": ("OFF", "OPTIONAL"),
                f"{POOL}.EnabledMfas.0": (None, "SOFTWARE_TOKEN_MFA"),
            },
        ),
        (
            "ThreatProtection",
            "audit",
            {
                f"{POOL}.UserPoolAddOns.AdvancedSecurityMode": ("OFF", "AUDIT"),
                f"{POOL}.UserPoolTier": ("ESSENTIALS", "PLUS"),
            },
        ),
        (
            "ThreatProtection",
            "enforced",
            {
                f"{POOL}.UserPoolAddOns.AdvancedSecurityMode": ("OFF", "ENFORCED"),
                f"{POOL}.UserPoolTier": ("ESSENTIALS", "PLUS"),
            },
        ),
    ],
)
def test_user_pool_and_its_client_follow_their_parameters(
    render: Render, parameter: str, value: str, changes: dict[str, tuple[object, object]]
) -> None:
    """One setting of Cognito's each, which nothing else hangs on."""
    assert render().changes_to(render(**{parameter: value})) == changes


def test_sign_in_domain_brings_hosted_sign_in_and_sessions(render: Render) -> None:
    """At the prefix that the parameter names; the HTTP API believes its tokens, the site has its routes."""
    before, after = render(), render(SignInDomain="parley-test")
    made = after.resources.keys() - before.resources.keys()
    assert {"Auth.Api", "Federation.Client", "Federation.Sessions", "Federation.WebSessions"} <= made
    assert after.properties("Federation.Domain")["Domain"] == "parley-test"
    audience = after.properties("Rest.TokenAuthorizer")["JwtConfiguration"]["Audience"]
    assert audience == ["<Auth.UserPoolClient>", "<Federation.Client>"]
    paths = [
        behavior["PathPattern"]
        for behavior in after.properties("Web.Distribution")["DistributionConfig"]["CacheBehaviors"]
    ]
    assert "/auth/*" in paths
    assert {"SignInUrl", "SignInClientId", "SignInProviders"} <= after.outputs.keys() - before.outputs.keys()


def test_google_is_a_provider_by_its_two_parameters(render: Render) -> None:
    """The secret is a reference, which CloudFormation resolves when it deploys."""
    stack = render(SignInDomain="parley-test", **GOOGLE)
    google = stack.properties("Federation.Google")
    assert google["ProviderDetails"] == {
        "authorize_scopes": "openid email profile",
        "client_id": "chat-at-google",
        "client_secret": "{{resolve:secretsmanager:parley/google:SecretString}}",
    }
    assert "<Federation.Google>" in stack.properties("Federation.Client")["SupportedIdentityProviders"]
    assert stack.outputs["SignInProviders"] == "<Federation.Google>"


def test_any_provider_is_one_by_its_four_parameters(render: Render) -> None:
    """By the name that users see, beside Google."""
    stack = render(SignInDomain="parley-test", **GOOGLE, **WORKPLACE)
    provider = stack.properties("Federation.Oidc")
    assert (provider["ProviderName"], provider["ProviderType"]) == ("Workplace", "OIDC")
    assert provider["ProviderDetails"] == {
        "attributes_request_method": "GET",
        "authorize_scopes": "openid email profile",
        "client_id": "chat-at-work",
        "client_secret": "{{resolve:secretsmanager:parley/work:SecretString}}",
        "oidc_issuer": "https://login.example.com",
    }
    assert stack.outputs["SignInProviders"] == "<Federation.Google>,<Federation.Oidc>"


@pytest.mark.parametrize("lacking", [*GOOGLE, *WORKPLACE, "SignInDomain"])
def test_provider_that_lacks_a_parameter_is_refused(render: Render, lacking: str) -> None:
    """Before anything is made."""
    given = {"SignInDomain": "parley-test", **GOOGLE, **WORKPLACE}
    del given[lacking]
    with pytest.raises(RefusedError, match=lacking):
        render(**given)


def test_pages_of_additional_origins_may_call_both_apis(render: Render) -> None:
    """Beside those of the site itself, which need no parameter."""
    origins = "https://app.example.com,http://localhost:5173"
    before, after = render(), render(AdditionalOrigins=origins)
    site = "https://<Web.Distribution.DomainName>"
    for stack, allowed in ((before, site), (after, f"{site},{origins}")):
        assert stack.properties("Rest.Api")["CorsConfiguration"]["AllowOrigins"] == allowed.split(",")
        variables = stack.properties("Realtime.Authorizer")["Environment"]["Variables"]
        assert variables["ALLOWED_ORIGINS"] == allowed


def test_domain_is_where_the_site_and_both_apis_are(render: Render) -> None:
    """One certificate has their three names; clients are given these, and pages of the site may call."""
    stack = render(DomainName=DOMAIN)
    assert stack.outputs["WebUrl"] == f"https://{DOMAIN}"
    certificate = stack.properties("Certificate.Certificate")
    assert [certificate["DomainName"], *certificate["SubjectAlternativeNames"]] == [
        DOMAIN,
        f"api.{DOMAIN}",
        f"ws.{DOMAIN}",
    ]
    site = stack.properties("Web.Distribution")["DistributionConfig"]
    assert site["Aliases"] == [DOMAIN]
    assert site["ViewerCertificate"]["AcmCertificateArn"] == "<Certificate.Certificate>"
    assert f"https://{DOMAIN}" in stack.properties("Rest.Api")["CorsConfiguration"]["AllowOrigins"]
    assert not stack.of_type("AWS::Route53::RecordSet")
    assert not render().of_type("AWS::CertificateManager::Certificate")


def test_zone_gets_the_records_and_the_certificates_proof(render: Render) -> None:
    """Without one, who has the domain makes both."""
    stack = render(DomainName=DOMAIN, HostedZoneId="Z0123456789ABCDEFGHIJ")
    records = stack.of_type("AWS::Route53::RecordSet").values()
    assert records
    assert {record["HostedZoneId"] for record in records} == {"Z0123456789ABCDEFGHIJ"}
    proofs = stack.properties("Certificate.Certificate")["DomainValidationOptions"]
    assert {proof["HostedZoneId"] for proof in proofs} == {"Z0123456789ABCDEFGHIJ"}


def test_certificate_of_us_east_1_is_the_sites_where_one_is_given(render: Render) -> None:
    """The APIs keep the stack's own, which is of their region."""
    assert render(DomainName=DOMAIN).changes_to(
        render(DomainName=DOMAIN, SiteCertificateArn=CERTIFICATE)
    ) == {
        "Web.Distribution.Properties.DistributionConfig.ViewerCertificate.AcmCertificateArn": (
            "<Certificate.Certificate>",
            CERTIFICATE,
        )
    }


@pytest.mark.parametrize(
    ("parameters", "acl"),
    [
        ({}, None),
        ({"WebAclArn": ACL}, None),
        ({"Firewall": "enabled"}, "<WebAcl.WebAcl.Arn>"),
        ({"Firewall": "enabled", "WebAclArn": ACL}, ACL),
    ],
)
def test_firewall_stands_before_both_distributions_where_it_is_on(
    render: Render, parameters: dict[str, str], acl: str | None
) -> None:
    """One of the stack's own, or the one that is given, and then none is made."""
    stack = render(**parameters)
    for name in DISTRIBUTIONS:
        assert stack.properties(name)["DistributionConfig"].get("WebACLId") == acl
    assert ("WebAcl.WebAcl" in stack.resources) == (acl == "<WebAcl.WebAcl.Arn>")
    assert ("Alarms.BlockedRequests" in stack.resources) == ("WebAcl.WebAcl" in stack.resources)


@pytest.mark.parametrize(
    ("parameter", "value", "changes"),
    [
        (
            "RequestLimit",
            "99",
            {"WebAcl.Properties.Rules.1.Statement.RateBasedStatement.Limit": ("5000", "99")},
        ),
        (
            "BlockedAddresses",
            "192.0.2.0/24,198.51.100.7/32",
            {
                "BlockedIpv4.Properties.Addresses.0": (None, "192.0.2.0/24"),
                "BlockedIpv4.Properties.Addresses.1": (None, "198.51.100.7/32"),
            },
        ),
        (
            "BlockedIpv6Addresses",
            "2001:db8::/32",
            {"BlockedIpv6.Properties.Addresses.0": (None, "2001:db8::/32")},
        ),
    ],
)
def test_rule_of_the_firewall_takes_what_its_parameter_says(
    render: Render, parameter: str, value: str, changes: dict[str, tuple[object, object]]
) -> None:
    """By default five thousand requests, and nobody kept out."""
    before, after = render(Firewall="enabled"), render(Firewall="enabled", **{parameter: value})
    assert before.changes_to(after) == {f"WebAcl.{path}": change for path, change in changes.items()}
