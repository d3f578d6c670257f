"""S3: the encryption of a bucket from a template is not that of the bucket.

Fault: MiniStack's provisioner leaves out ``BucketEncryption``, so each bucket has the default. Here it is
kept, told by GetBucketEncryption, and taken off when a template has it no more. Nothing is encrypted by it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-bucketencryption.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def _with_encryption(position: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A provisioner that keeps the encryption of the properties at a position of its arguments."""

    def wrap(provision: Callable[..., Any]) -> Callable[..., Any]:
        def provision_bucket(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
            name, attributes = provision(*arguments)
            s3._bucket_encryption.pop(name, None)  # noqa: SLF001
            if settings := arguments[position].get("BucketEncryption"):
                s3._put_bucket_encryption(name, _as_xml(settings))  # noqa: SLF001
            return name, attributes

        return provision_bucket

    return wrap


def _as_xml(settings: Mapping[str, Any]) -> bytes:
    """The settings as PutBucketEncryption takes them."""
    root = Element("ServerSideEncryptionConfiguration", xmlns=_NAMESPACE)
    for each in settings["ServerSideEncryptionConfiguration"]:
        rule = SubElement(root, "Rule")
        applied = SubElement(rule, "ApplyServerSideEncryptionByDefault")
        for name, value in each["ServerSideEncryptionByDefault"].items():
            SubElement(applied, name).text = str(value)
        SubElement(rule, "BucketKeyEnabled").text = str(each.get("BucketKeyEnabled", False)).lower()
    return tostring(root)


_BUCKET = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]  # noqa: SLF001

FIX = Fix(Patch(_BUCKET, "create", _with_encryption(1)), Patch(_BUCKET, "update", _with_encryption(2)))
