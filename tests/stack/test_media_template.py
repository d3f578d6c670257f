"""Files: a bucket that nobody but CloudFront reads, and links that only the stack's own key signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stack.template import Template


def _behavior(templates: dict[str, Template]) -> dict[str, Any]:
    resources = templates["media"].resources
    config: dict[str, Any] = resources["MediaDistribution"]["Properties"]["DistributionConfig"]
    assert "CacheBehaviors" not in config
    behavior: dict[str, Any] = config["DefaultCacheBehavior"]
    return behavior


def test_media_bucket_is_private(templates: dict[str, Template]) -> None:
    """CloudFront reads what messages refer to, and not what was uploaded; nobody does without TLS."""
    bucket = templates["data"].resources["MediaBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    policy = templates["media"].resources["BucketPolicy"]["Properties"]["PolicyDocument"]
    reads, tls = policy["Statement"]
    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert reads["Action"] == "s3:GetObject"
    assert reads["Resource"]["Fn::Sub"].endswith("${MediaBucket}/media/*")
    source = reads["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]
    assert source.endswith("distribution/${MediaDistribution}")
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_uploads_that_no_message_refers_to_are_forgotten(templates: dict[str, Template]) -> None:
    """After a day; what messages refer to stays."""
    bucket = templates["data"].resources["MediaBucket"]
    rules = {rule["Id"]: rule for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]}
    assert rules["ForgetUploads"]["Prefix"] == "uploads/"
    assert rules["ForgetUploads"]["ExpirationInDays"] == 1
    unfinished = rules["ForgetUnfinishedUploads"]
    assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Prefix" not in unfinished
    assert [rule for rule in rules.values() if "ExpirationInDays" in rule] == [rules["ForgetUploads"]]
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


def test_bucket_survives_the_stack_in_production(templates: dict[str, Template]) -> None:
    """As the tables do."""
    bucket = templates["data"].resources["MediaBucket"]
    assert bucket["DeletionPolicy"] == {"Fn::If": ["IsProduction", "Retain", "Delete"]}
    assert bucket["UpdateReplacePolicy"] == bucket["DeletionPolicy"]


def test_every_download_wants_a_signature_by_the_stacks_own_key(templates: dict[str, Template]) -> None:
    """From the behavior over the group to the pair that the custom resource makes."""
    resources = templates["media"].resources
    assert _behavior(templates)["TrustedKeyGroups"] == [{"Ref": "DownloadKeyGroup"}]
    group = resources["DownloadKeyGroup"]["Properties"]["KeyGroupConfig"]
    assert group["Items"] == [{"Ref": "DownloadPublicKey"}]
    key = resources["DownloadPublicKey"]["Properties"]["PublicKeyConfig"]
    assert key["EncodedKey"] == {"Fn::GetAtt": ["DownloadKey", "PublicKey"]}
    made = resources["DownloadKey"]["Properties"]
    assert made["ServiceToken"] == {"Fn::GetAtt": ["SigningKey", "Arn"]}
    variables = resources["Media"]["Properties"]["Environment"]["Variables"]
    assert variables["SIGNING_KEY_ID"] == {"Ref": "DownloadPublicKey"}
    assert variables["SIGNING_KEY_NAME"] == {"Ref": "DownloadKey"}


def test_next_key_takes_names_of_its_own(templates: dict[str, Template]) -> None:
    """So that the new key is there before the old one goes."""
    resources = templates["media"].resources
    key = resources["DownloadPublicKey"]["Properties"]["PublicKeyConfig"]
    names = [resources["DownloadKey"]["Properties"]["Name"], key["Name"], key["CallerReference"]]
    assert all(name["Fn::Sub"].endswith("-${SigningKeyVersion}") for name in names)


def test_downloads_are_never_pages(templates: dict[str, Template]) -> None:
    """Over TLS only, as the type that was checked, and nothing in them runs."""
    assert _behavior(templates)["ViewerProtocolPolicy"] == "https-only"
    assert _behavior(templates)["ResponseHeadersPolicyId"] == {"Ref": "MediaHeaders"}
    policy = templates["media"].resources["MediaHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    headers = policy["SecurityHeadersConfig"]
    assert headers["ContentTypeOptions"] == {"Override": True}
    security = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert security == "default-src 'none'; sandbox"
    assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False
