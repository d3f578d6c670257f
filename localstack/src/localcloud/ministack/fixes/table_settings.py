"""DynamoDB tables from CloudFormation: three settings are dropped, and outlive their table.

Fault: ``TimeToLiveSpecification``, ``PointInTimeRecoverySpecification`` and ``SSESpecification`` of a
template stay disabled; and deleting a table leaves its settings to the next table of that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]


def apply(name: str, properties: Properties) -> None:
    """Give a table of this request's scope the settings of its properties."""
    ttl = properties.get("TimeToLiveSpecification")
    if ttl and ttl.get("AttributeName"):
        specification = {**ttl, "Enabled": _is_true(ttl.get("Enabled"))}
        dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": specification})  # noqa: SLF001
    else:
        dynamodb._ttl_settings.pop(name, None)  # noqa: SLF001
    recovery = properties.get("PointInTimeRecoverySpecification") or {}
    enabled = _is_true(recovery.get("PointInTimeRecoveryEnabled"))
    dynamodb._pitr_settings[name] = enabled  # noqa: SLF001
    encryption = properties.get("SSESpecification")
    if encryption:
        specification = {
            **{key: value for key, value in encryption.items() if key != "SSEEnabled"},
            "Enabled": _is_true(encryption.get("SSEEnabled")),
        }
        description = dynamodb._sse_description_from_spec(specification)  # noqa: SLF001
        dynamodb._tables[name]["SSEDescription"] = description  # noqa: SLF001


def _is_true(value: object) -> bool:
    return value is True or str(value).lower() == "true"


def creating(create: Callable[..., Any]) -> Callable[..., Any]:
    """What creates a table, with its settings."""

    def create_with_settings(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = create(logical_id, properties, stack)
        apply(name, properties)
        return name, attributes

    return create_with_settings


def updating(update: Callable[..., Any]) -> Callable[..., Any]:
    """What updates a table, with its settings."""

    def update_with_settings(
        physical_id: str, old: Properties, new: Properties, *rest: object
    ) -> tuple[str, Properties]:
        # MiniStack's update knows the API's spelling of the encryption alone and would switch it off.
        without = {key: value for key, value in new.items() if key != "SSESpecification"}
        before = {key: value for key, value in old.items() if key != "SSESpecification"}
        name, attributes = update(physical_id, before, without, *rest)
        apply(name, new)
        return name, attributes

    return update_with_settings


def deleting(delete: Callable[..., Any]) -> Callable[..., Any]:
    """What deletes a table, with its settings."""

    def delete_with_settings(physical_id: str, properties: Properties) -> None:
        delete(physical_id, properties)
        dynamodb._ttl_settings.pop(physical_id, None)  # noqa: SLF001
        dynamodb._pitr_settings.pop(physical_id, None)  # noqa: SLF001

    return delete_with_settings


_TABLE = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]  # noqa: SLF001

FIX = Fix(
    Patch(_TABLE, "create", creating), Patch(_TABLE, "update", updating), Patch(_TABLE, "delete", deleting)
)
