"""S3: the replication of a bucket from a template is not that of the bucket.

Fault: MiniStack replicates what PutBucketReplication tells it to, at once; its provisioner leaves out
``ReplicationConfiguration``. Here it is kept, and taken off when a template has it no more.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-replicationconfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _with_replication(position: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A provisioner that keeps the replication of the properties at a position of its arguments."""

    def wrap(provision: Callable[..., Any]) -> Callable[..., Any]:
        def provision_bucket(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
            properties: Mapping[str, Any] = arguments[position]
            name, attributes = provision(*arguments)
            s3._bucket_replication.pop(name, None)  # noqa: SLF001
            if wanted := properties.get("ReplicationConfiguration"):
                if s3._bucket_versioning.get(name) != "Enabled":  # noqa: SLF001
                    raise ValueError(
                        f"{name}: replication wants a bucket with VersioningConfiguration Enabled"
                    )
                s3._bucket_replication[name] = {"Role": wanted["Role"], "Rules": _rules(wanted)}  # noqa: SLF001
            return name, attributes

        return provision_bucket

    return wrap


def _rules(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules by the API's names, the most urgent first."""
    rules = [{**rule, "ID": rule.get("Id", "")} for rule in wanted["Rules"]]
    return sorted(rules, key=lambda rule: -int(rule.get("Priority", 0)))


_BUCKET = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]  # noqa: SLF001

FIX = Fix(Patch(_BUCKET, "create", _with_replication(1)), Patch(_BUCKET, "update", _with_replication(2)))
