"""S3: who signs nothing may list the account's buckets and make new ones.

Fault: MiniStack looks at the bucket to see what anybody may do, and lets through what names none that exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import s3

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _refusing(scope: Callable[..., Any]) -> Callable[..., Any]:
    def apply_bucket_scope(
        method: str,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
        query: Mapping[str, list[str]],
        body: bytes = b"",
        internal: bool = False,
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        is_of_the_account = not bucket or (method == "PUT" and not key and not query)
        if (
            is_of_the_account
            and not internal
            and not s3._request_access_key(method, key, headers, query, body)  # noqa: SLF001
            and (not bucket or s3._bucket_owner_account(bucket) is None)  # noqa: SLF001
        ):
            return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}")  # noqa: SLF001
        return scope(method, bucket, key, headers, query, body, internal)

    return apply_bucket_scope


FIX = Fix(Patch(s3, "_apply_bucket_scope", _refusing))
