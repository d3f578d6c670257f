"""Puts the web site's files into the stack's bucket."""

from __future__ import annotations

import mimetypes
import time
from typing import TYPE_CHECKING

from harness.archive import list_tree
from harness.outputs import stack_outputs

if TYPE_CHECKING:
    from pathlib import Path

    from harness.targets import Target

_CHECK_EVERY_TIME = "no-cache"
_KEEP_AN_HOUR = "public, max-age=3600"


def publish(target: Target, stack_name: str, site: Path) -> int:
    """Make the web bucket hold what the folder holds, and nothing else; gives the number of files.

    Pages are checked with the server at every visit, other files are kept for an hour. On AWS, CloudFront is
    told to forget what it holds.
    """
    session = target.session()
    cloudformation = session.client("cloudformation", endpoint_url=target.endpoint_url)
    web = cloudformation.describe_stack_resource(StackName=stack_name, LogicalResourceId="Web")
    known = stack_outputs(target, web["StackResourceDetail"]["PhysicalResourceId"])
    bucket = known["BucketName"]
    s3 = session.client("s3", endpoint_url=target.endpoint_url)
    files = dict(list_tree(site))
    for name, path in files.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        cache = _CHECK_EVERY_TIME if kind == "text/html" else _KEEP_AN_HOUR
        s3.put_object(Bucket=bucket, Key=name, Body=path.read_bytes(), ContentType=kind, CacheControl=cache)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for stored in page.get("Contents", []):
            if stored["Key"] not in files:
                s3.delete_object(Bucket=bucket, Key=stored["Key"])
    if not target.is_local:
        session.client("cloudfront").create_invalidation(
            DistributionId=known["DistributionId"],
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": ["/*"]},
                "CallerReference": str(time.time_ns()),
            },
        )
    return len(files)
