"""Files: a bucket that nobody but CloudFront reads, and links that only the stack's own key signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stack.template import Template


def _behavior(templates: dict[str, Template]) -> dict[str, Any]:
    resources = templates["downloads"].resources
    config: dict[str, Any] = resources["MediaDistribution"]["Properties"]["DistributionConfig"]
    assert "CacheBehaviors" not in config
    behavior: dict[str, Any] = config["DefaultCacheBehavior"]
    return behavior


def test_media_bucket_is_private(templates: dict[str, Template]) -> None:
    """CloudFront reads what messages refer to, and not what was uploaded; nobody does without TLS."""
    bucket = templates["data"].resources["MediaBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    policy = templates["downloads"].resources["BucketPolicy"]["Properties"]["PolicyDocument"]
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


def test_files_that_are_deleted_are_gone_for_good_a_day_later(templates: dict[str, Template]) -> None:
    """Versions are kept against mistakes of ours, and not against what users were promised."""
    bucket = templates["data"].resources["MediaBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (forgets,) = [
        each for each in bucket["LifecycleConfiguration"]["Rules"] if each["Id"] == "ForgetDeletedFiles"
    ]
    assert forgets["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert forgets["ExpiredObjectDeleteMarker"] is True
    assert "Prefix" not in forgets


def test_bucket_survives_the_stack_in_production(templates: dict[str, Template]) -> None:
    """As the tables do."""
    bucket = templates["data"].resources["MediaBucket"]
    assert bucket["DeletionPolicy"] == {"Fn::If": ["IsProduction", "Retain", "Delete"]}
    assert bucket["UpdateReplacePolicy"] == bucket["DeletionPolicy"]


def test_every_download_wants_a_signature_by_the_stacks_own_keys(templates: dict[str, Template]) -> None:
    """From the behavior over the group that the custom resource keeps to the function that signs."""
    assert _behavior(templates)["TrustedKeyGroups"] == [{"Ref": "DownloadKeyGroup"}]
    downloads = templates["downloads"]
    group = downloads.resources["DownloadKeyGroup"]
    assert group["Properties"]["ServiceToken"] == {"Fn::GetAtt": ["SigningKey", "Arn"]}
    made = downloads.resources["SigningKey"]["Properties"]["Environment"]["Variables"]
    secret = {"Fn::GetAtt": ["DownloadKey", "Id"]}
    assert made["SIGNING_KEY"] == secret == downloads.outputs["SigningKey"]["Value"]
    passed = templates["root"].resources["Media"]["Properties"]["Parameters"]
    assert passed["SigningKey"] == {"Fn::GetAtt": ["Downloads", "Outputs.SigningKey"]}
    variables = templates["media"].resources["Media"]["Properties"]["Environment"]["Variables"]
    assert variables["SIGNING_KEY"] == {"Ref": "SigningKey"}


def test_downloads_are_never_pages(templates: dict[str, Template]) -> None:
    """Over TLS only, as the type that was checked, and nothing in them runs."""
    assert _behavior(templates)["ViewerProtocolPolicy"] == "https-only"
    assert _behavior(templates)["ResponseHeadersPolicyId"] == {"Ref": "MediaHeaders"}
    policy = templates["downloads"].resources["MediaHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    headers = policy["SecurityHeadersConfig"]
    assert headers["ContentTypeOptions"] == {"Override": True}
    security = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert security == "default-src 'none'; sandbox"
    assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False


def test_pages_reach_files_where_the_stack_has_them_and_no_other_storage(
    templates: dict[str, Template],
) -> None:
    """Pages upload to the stack's bucket, show what its distribution serves, and know no other but peers'."""
    headers = templates["web"].resources["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    lines = [each["Fn::Sub"] if isinstance(each, dict) else each for each in policy["Fn::Join"][1]]
    lines = [each[0] if isinstance(each, list) else each for each in lines]
    sources = {line.split()[0]: line.split()[1:] for line in lines}
    bucket, downloads = "https://${MediaBucket}.s3.${AWS::Region}.${AWS::URLSuffix}", "https://${MediaDomain}"
    assert {bucket, downloads} <= set(sources["connect-src"])
    assert sources["img-src"] == ["'self'", "data:", "blob:", downloads, "${PeerOrigins}"]
    assert sources["media-src"] == ["'self'", "blob:", downloads, "${PeerOrigins}"]
    everywhere = [source for each in sources.values() for source in each]
    assert not [source for source in everywhere if "*.s3" in source or "*.cloudfront" in source]
    passed = templates["root"].resources["Web"]["Properties"]["Parameters"]
    assert passed["MediaDomain"] == {"Fn::GetAtt": ["Downloads", "Outputs.MediaDomain"]}
    assert passed["MediaBucket"] == {"Fn::GetAtt": ["Data", "Outputs.MediaBucket"]}
