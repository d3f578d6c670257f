"""CloudFront: what is missing in a bucket is forbidden, to who may list the bucket too.

Fault: MiniStack answers a distribution with 403 for every key that is not there. S3 does so only to who may
not list: a bucket policy that allows CloudFront ``s3:ListBucket`` makes it 404, by which a site tells what is
missing from what is refused.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FORBIDDEN = 403
_CLOUDFRONT = "cloudfront.amazonaws.com"


def _missing_is_not_found(fetch: Callable[..., Any]) -> Callable[..., Any]:
    def serve_cloudfront_origin_fetch(
        bucket: str,
        key: str,
        method: str,
        headers: Mapping[str, str],
        source_arn: str = "",
        oai_id: str = "",
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        answer = fetch(bucket, key, method, headers, source_arn=source_arn, oai_id=oai_id)
        stored = s3._ensure_bucket(bucket)  # noqa: SLF001
        if answer[0] != _FORBIDDEN or key in stored["objects"] or not _may_list(bucket, source_arn):
            return answer
        return s3._get_object(bucket, key, dict(headers), {})  # noqa: SLF001

    return serve_cloudfront_origin_fetch


def _may_list(bucket: str, source_arn: str) -> bool:
    """Whether the bucket's policy lets a distribution list it, by origin access control."""
    owner = s3._bucket_owner_account(bucket) or get_account_id()  # noqa: SLF001
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)  # noqa: SLF001
    if not policy or not source_arn:
        return False
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="s3:ListBucket",
        resource_arn=f"arn:aws:s3:::{bucket}",
        region=get_region(),
        service_context={"aws:sourcearn": source_arn},
    )
    return bool(evaluate_resource_policy(policy, context, service=_CLOUDFRONT).decision == "Allow")


FIX = Fix(Patch(s3, "serve_cloudfront_origin_fetch", _missing_is_not_found))
