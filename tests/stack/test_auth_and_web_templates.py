"""Users, and the web site: what is let in, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.template import Template


def test_client_has_no_secret_and_tells_nobody_who_has_an_account(templates: dict[str, Template]) -> None:
    """It is the one of pages and terminals; an unknown user and a wrong password are answered alike."""
    client = templates["auth"].resources["UserPoolClient"]["Properties"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_user_pool_is_protected_in_production(templates: dict[str, Template]) -> None:
    """Neither a stack nor a hand deletes real users."""
    pool = templates["auth"].resources["UserPool"]
    assert pool["DeletionPolicy"] == {"Fn::If": ["IsProduction", "Retain", "Delete"]}
    assert pool["Properties"]["DeletionProtection"] == {"Fn::If": ["IsProduction", "ACTIVE", "INACTIVE"]}
    assert pool["Properties"]["AliasAttributes"] == ["email"]


def test_bucket_is_private(templates: dict[str, Template]) -> None:
    """Nobody but the distribution reads, and nobody at all without TLS."""
    web = templates["web"].resources
    block = web["Bucket"]["Properties"]["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    assert len(block) == 4
    reads, lists, tls = web["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert reads["Action"] == "s3:GetObject"
    assert reads["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"].endswith(
        "distribution/${Distribution}"
    )
    assert (lists["Action"], lists["Principal"]) == ("s3:ListBucket", reads["Principal"])
    assert lists["Condition"] == reads["Condition"]
    assert tls["Effect"] == "Deny"
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_distribution_serves_the_page_for_every_path_over_https(templates: dict[str, Template]) -> None:
    """HTTP is redirected, the bucket is reached by origin access control, an unknown path is the page.

    A 403 has no page: it may be the web ACL's, which is not to look like success.
    """
    web = templates["web"].resources
    config = web["Distribution"]["Properties"]["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeaders"}
    assert config["Origins"][0]["OriginAccessControlId"] == {"Ref": "OriginAccessControl"}
    answers = {
        (e["ErrorCode"], e["ResponseCode"], e["ResponsePagePath"]) for e in config["CustomErrorResponses"]
    }
    assert answers == {(404, 200, "/index.html")}


def test_security_headers_are_complete(templates: dict[str, Template]) -> None:
    """Browsers keep to TLS, guess no types, are framed by nobody, load and ask for nothing else.

    Other sites' windows hold no reference to ours, and other sites' pages load none of its files.
    """
    policy = templates["web"].resources["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    assert policy["SecurityHeadersConfig"].keys() == {
        "ContentSecurityPolicy",
        "ContentTypeOptions",
        "FrameOptions",
        "ReferrerPolicy",
        "StrictTransportSecurity",
    }
    custom = {each["Header"]: each["Value"] for each in policy["CustomHeadersConfig"]["Items"]}
    assert all(each["Override"] for each in policy["CustomHeadersConfig"]["Items"])
    assert custom["Cross-Origin-Opener-Policy"] == custom["Cross-Origin-Resource-Policy"] == "same-origin"
    asked = custom["Permissions-Policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(asked)
    assert all(each.endswith("=()") for each in asked)
