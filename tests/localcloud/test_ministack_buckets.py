"""Buckets of templates: what S3 says of their encryption, and does by their replication.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws, Template

KEY = "arn:aws:kms:us-east-1:000000000000:key/1"
BY_KEY = {
    "ServerSideEncryptionConfiguration": [
        {
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
            "BucketKeyEnabled": "true",
        }
    ]
}


async def encryption(aws: InProcessAws, name: str, **properties: Any) -> str:
    """Deploy a bucket, or update it; what GetBucketEncryption says."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, **properties}}
    assert (await aws.deploy(name, {"Resources": {"Bucket": bucket}})).endswith("E_COMPLETE")
    path = f"/{name}"
    answer = await aws.control_plane.call("s3", Request("GET", path, path.encode(), b"encryption", ()))
    return answer.body.decode()


async def test_encryption_of_a_template_is_that_of_its_bucket(aws: InProcessAws) -> None:
    """The key, and that it is asked once for many files; without it the default, after an update, too."""
    told = await encryption(aws, "encrypted-bucket", BucketEncryption=BY_KEY)
    assert f"<KMSMasterKeyID>{KEY}</KMSMasterKeyID>" in told
    assert "<BucketKeyEnabled>true</BucketKeyEnabled>" in told
    assert "AES256" in await encryption(aws, "encrypted-bucket")


async def test_bucket_encryption_unfixed_is_the_default(aws: InProcessAws) -> None:
    """MiniStack alone leaves it out."""
    from localcloud.ministack.fixes import bucket_encryption  # noqa: PLC0415 - after MiniStack is configured

    with bucket_encryption.FIX.undone():
        assert KEY not in await encryption(aws, "encrypted-unfixed", BucketEncryption=BY_KEY)


VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}


def replicated(source: str, target: str) -> Template:
    """A bucket whose files below media/ go to another one, and that one."""
    rule = {
        "Id": "first",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "media/"},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
    }
    replication = {"Role": "arn:aws:iam::000000000000:role/replication", "Rules": [rule]}
    source_properties = {"BucketName": source, **VERSIONED, "ReplicationConfiguration": replication}
    return {
        "Resources": {
            "Target": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": target, **VERSIONED}},
            "Source": {
                "Type": "AWS::S3::Bucket",
                "Properties": source_properties,
                "DependsOn": "Target",
            },
        }
    }


async def s3(aws: InProcessAws, method: str, path: str, body: bytes = b"") -> int:
    """A call of S3; its status."""
    answer = await aws.control_plane.call("s3", Request(method, path, path.encode(), b"", (), body))
    return answer.status


async def test_replication_of_a_template_brings_files_and_their_deletion(aws: InProcessAws) -> None:
    """Of the prefix alone, and until a template has it no more."""
    template = replicated("replicated-source", "replicated-target")
    assert await aws.deploy("replicated", template) == "CREATE_COMPLETE"
    for key in ("media/1", "uploads/2"):
        assert await s3(aws, "PUT", f"/replicated-source/{key}", b"file") == 200
    assert await s3(aws, "GET", "/replicated-target/media/1") == 200
    assert await s3(aws, "GET", "/replicated-target/uploads/2") == 404
    assert await s3(aws, "DELETE", "/replicated-source/media/1") == 204
    assert await s3(aws, "GET", "/replicated-target/media/1") == 404
    del template["Resources"]["Source"]["Properties"]["ReplicationConfiguration"]
    assert await aws.deploy("replicated", template) == "UPDATE_COMPLETE"
    assert await s3(aws, "PUT", "/replicated-source/media/3", b"file") == 200
    assert await s3(aws, "GET", "/replicated-target/media/3") == 404


async def test_replication_of_a_bucket_without_versions_is_refused(aws: InProcessAws) -> None:
    """As by S3."""
    template = replicated("unversioned-source", "unversioned-target")
    del template["Resources"]["Source"]["Properties"]["VersioningConfiguration"]
    assert await aws.deploy("unversioned", template) == "ROLLBACK_COMPLETE"


async def test_bucket_replication_unfixed_brings_nothing(aws: InProcessAws) -> None:
    """MiniStack alone leaves it out."""
    from localcloud.ministack.fixes import bucket_replication  # noqa: PLC0415 - after MiniStack is configured

    with bucket_replication.FIX.undone():
        await aws.deploy("replication-unfixed", replicated("unfixed-source", "unfixed-target"))
        assert await s3(aws, "PUT", "/unfixed-source/media/1", b"file") == 200
        assert await s3(aws, "GET", "/unfixed-target/media/1") == 404
