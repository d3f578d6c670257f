"""Buckets of templates: what S3 says of their encryption.

When a ``..._unfixed_...`` test fails, upstream has mended that fault: delete the fix with its tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws

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
