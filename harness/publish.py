"""Puts the web site into the stack's bucket, with the configuration that tells it where its stack is."""

from __future__ import annotations

import mimetypes
import time
from typing import TYPE_CHECKING

from harness.archive import list_tree
from harness.frontend import CONFIGURATION, Configuration
from harness.outputs import read_outputs, stack_outputs

if TYPE_CHECKING:
    from pathlib import Path

    from harness.targets import Target

_CHECK_EVERY_TIME = "no-cache"
_KEEP_FOR_GOOD = "public, max-age=31536000, immutable"
_ASSETS = "assets/"
"""Files whose names have a digest of their content."""
_KINDS = {".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".js": "text/javascript"}


def publish(target: Target, stack_name: str, site: Path) -> int:
    """Make the web bucket hold the site and its configuration, and nothing else; gives the number of files.

    The pages come last, so that what they name is there. They are checked with the server at every visit;
    files whose names tell their content are kept for good. On AWS, CloudFront is told to forget what it has.
    """
    session = target.session()
    cloudformation = session.client("cloudformation", endpoint_url=target.endpoint_url)
    web = cloudformation.describe_stack_resource(StackName=stack_name, LogicalResourceId="Web")
    known = stack_outputs(target, web["StackResourceDetail"]["PhysicalResourceId"])
    bucket = known["BucketName"]
    s3 = session.client("s3", endpoint_url=target.endpoint_url)
    files = {name: path.read_bytes() for name, path in list_tree(site)}
    files[CONFIGURATION] = Configuration.of(read_outputs(target, stack_name)).encoded()
    for name in sorted(files, key=lambda name: (not name.startswith(_ASSETS), name.endswith(".html"), name)):
        cache = _KEEP_FOR_GOOD if name.startswith(_ASSETS) else _CHECK_EVERY_TIME
        s3.put_object(
            Bucket=bucket, Key=name, Body=files[name], ContentType=content_type(name), CacheControl=cache
        )
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


def content_type(name: str) -> str:
    """What a file is; the same on every machine for what the site is made of."""
    suffix = name[name.rfind(".") :] if "." in name else ""
    return _KINDS.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
