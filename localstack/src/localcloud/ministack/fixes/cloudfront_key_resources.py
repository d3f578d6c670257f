"""CloudFormation: AWS::CloudFront::PublicKey and AWS::CloudFront::KeyGroup cannot be deployed.

Fault: MiniStack has their APIs and no provisioners, so a stack with either is rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-publickey.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-keygroup.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from ministack.core.responses import new_uuid
from ministack.services import cloudfront
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

_RSA_BITS = 2_048


def _create_key(logical_id: str, properties: Properties, _stack_name: str) -> Provisioned:
    config = {"Comment": "", **properties["PublicKeyConfig"]}
    _require_supported(logical_id, config["EncodedKey"])
    if any(key["Config"]["Name"] == config["Name"] for key in cloudfront._public_keys.values()):  # noqa: SLF001
        raise ValueError(f"A public key with the name {config['Name']} exists already.")
    key_id = cloudfront._pk_id()  # noqa: SLF001
    created = cloudfront._now_iso()  # noqa: SLF001
    cloudfront._public_keys[key_id] = {  # noqa: SLF001
        "Id": key_id,
        "ETag": new_uuid(),
        "CreatedTime": created,
        "Config": config,
    }
    return key_id, {"Id": key_id, "CreatedTime": created}


def _update_key(
    key_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str
) -> Provisioned:
    """Change the comment in place; else make another key, and CloudFormation removes this one."""
    was, wanted = ({**each["PublicKeyConfig"], "Comment": ""} for each in (old, new))
    if was != wanted:
        return _create_key(logical_id, new, stack_name)
    key = cloudfront._public_keys[key_id]  # noqa: SLF001
    key["Config"]["Comment"] = new["PublicKeyConfig"].get("Comment", "")
    key["ETag"] = new_uuid()
    return key_id, {"Id": key_id, "CreatedTime": key["CreatedTime"]}


def _delete_key(key_id: str, _properties: Properties) -> None:
    if users := cloudfront._public_keys_using(key_id):  # noqa: SLF001
        raise ValueError(f"The public key {key_id} is in use by the key groups {', '.join(users)}.")
    cloudfront._public_keys.pop(key_id, None)  # noqa: SLF001


def _require_supported(logical_id: str, pem: str) -> None:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as fault:
        raise ValueError(f"{logical_id}: EncodedKey is no public key in PEM form.") from fault
    of_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size == _RSA_BITS
    of_curve = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not (of_rsa or of_curve):
        raise ValueError(f"{logical_id}: EncodedKey is neither RSA's of 2,048 bits nor of the curve P-256.")


def _group_config(properties: Properties, group_id: str) -> dict[str, Any]:
    config = {"Comment": "", **properties["KeyGroupConfig"]}
    for key_id in config["Items"]:
        if key_id not in cloudfront._public_keys:  # noqa: SLF001
            raise ValueError(f"There is no public key {key_id}.")
    for group in cloudfront._key_groups.values():  # noqa: SLF001
        if group["Config"]["Name"] == config["Name"] and group["Id"] != group_id:
            raise ValueError(f"A key group with the name {config['Name']} exists already.")
    return config


def _create_group(_logical_id: str, properties: Properties, _stack_name: str) -> Provisioned:
    return _put_group(cloudfront._kg_id(), properties)  # noqa: SLF001


def _update_group(
    group_id: str, _old: Properties, new: Properties, _stack_name: str, _logical_id: str
) -> Provisioned:
    return _put_group(group_id, new)


def _put_group(group_id: str, properties: Properties) -> Provisioned:
    modified = cloudfront._now_iso()  # noqa: SLF001
    cloudfront._key_groups[group_id] = {  # noqa: SLF001
        "Id": group_id,
        "ETag": new_uuid(),
        "LastModifiedTime": modified,
        "Config": _group_config(properties, group_id),
    }
    return group_id, {"Id": group_id, "LastModifiedTime": modified}


def _delete_group(group_id: str, _properties: Properties) -> None:
    if users := cloudfront._key_groups_using(group_id):  # noqa: SLF001
        raise ValueError(f"The key group {group_id} is in use by the distributions {', '.join(users)}.")
    cloudfront._key_groups.pop(group_id, None)  # noqa: SLF001


def _provisioners(create: object, update: object, delete: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
    return lambda _: {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


FIX = Fix(
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::CloudFront::PublicKey",
        _provisioners(_create_key, _update_key, _delete_key),
    ),
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::CloudFront::KeyGroup",
        _provisioners(_create_group, _update_group, _delete_group),
    ),
)
