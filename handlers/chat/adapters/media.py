"""The bucket of files: forms that upload to it, and what lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chat.media import BEGINNING
from chat.ports.media import StoredFile, UploadForm

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MISSING = (403, 404)
"""What S3 says of a file that is not there: 403 to who may not list the bucket, as no function may."""
PRECONDITION_FAILED = 412


class MediaBucket:
    """Serves `ports.MediaStorage`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        """Use the bucket with this name."""
        self._client = client
        self._bucket = bucket

    def form(self, key: str, content_type: str, size: int, seconds: int) -> UploadForm:
        """Make a form that uploads a file of exactly this type and size within so many seconds."""
        fields = {"content-type": content_type, "success_action_status": "204"}
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", size, size])
        form = self._client.generate_presigned_post(
            self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=seconds
        )
        return UploadForm(form["url"], form["fields"])

    def find(self, key: str) -> StoredFile | None:
        """The file with this key."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes=0-{BEGINNING - 1}")
        except ClientError as refused:
            if _status(refused) in MISSING:
                return None
            raise
        return StoredFile(
            content_type=found["ContentType"],
            size=int(found["ContentRange"].rpartition("/")[2]),
            version=found["ETag"],
            owner=found["Metadata"].get("owner", ""),
            beginning=found["Body"].read(),
        )

    def keep(self, source: str, stored: StoredFile, target: str, owner: str, disposition: str) -> bool:
        """Copy a file, as it was found, to a key that has none; False where either is no longer so."""
        try:
            self._client.copy_object(
                Bucket=self._bucket,
                Key=target,
                CopySource={"Bucket": self._bucket, "Key": source},
                CopySourceIfMatch=stored.version,
                IfNoneMatch="*",
                MetadataDirective="REPLACE",
                Metadata={"owner": owner},
                ContentType=stored.content_type,
                ContentDisposition=disposition,
                CacheControl="private, max-age=31536000, immutable",
            )
        except ClientError as refused:
            if _status(refused) in (*MISSING, PRECONDITION_FAILED):
                return False
            raise
        return True

    def remove(self, key: str) -> None:
        """Remove the file with this key, if there is one."""
        self._client.delete_object(Bucket=self._bucket, Key=key)


def _status(refused: ClientError) -> int:
    return refused.response["ResponseMetadata"]["HTTPStatusCode"]
