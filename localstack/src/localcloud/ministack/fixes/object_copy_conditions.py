"""S3: CopyObject overwrites what the request says it must not.

Fault: MiniStack holds If-Match and If-None-Match against the target in PutObject, and not in CopyObject.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import s3

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _conditionally(copy: Callable[..., Any]) -> Callable[..., Any]:
    def copy_object(bucket_name: str, target: str, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - untyped
        bucket = s3._ensure_bucket(bucket_name) or {}  # noqa: SLF001
        refused = s3._check_put_preconditions(headers, bucket.get("objects", {}).get(target))  # noqa: SLF001
        return refused or copy(bucket_name, target, headers)

    return copy_object


FIX = Fix(Patch(s3, "_copy_object", _conditionally))
