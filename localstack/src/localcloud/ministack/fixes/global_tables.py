"""DynamoDB global tables from CloudFormation: replicas are ignored, and so are their settings and capacity.

Fault: ``AWS::DynamoDB::GlobalTable`` makes a table of one region, whatever ``Replicas`` names, with the
least of the capacity for writes and five units for reads, and none for indexes, which are filled anew where
theirs changes. MiniStack's own UpdateTable knows replicas; this has the template's be made, changed and
deleted by it, each with what the template gives it. Items are replicated by
``localcloud.dynamodb.replication``.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from localcloud.ministack import table_capacity
from localcloud.ministack.fixes import table_settings
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.ministack.fixes.table_settings import Properties

_OF_A_REPLICA = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification", "Tags")
"""Properties that a replica has and a table has elsewhere."""
_OF_ALL = ("AttributeDefinitions", "GlobalSecondaryIndexes")
"""What a change of the table changes in every replica."""


def _in_region(properties: Properties, region: str) -> Properties:
    """The table of one region, as a template of that region would have it."""
    replica = _replica(properties, region)
    own = {name: replica[name] for name in _OF_A_REPLICA if name in replica}
    if "SSESpecification" in own:  # only its key is the replica's
        own["SSESpecification"] = {**properties.get("SSESpecification", {}), **own["SSESpecification"]}
    return table_capacity.without_settings({**properties, **own})


def _replica(properties: Properties, region: str) -> Properties:
    """What a template says of one region."""
    replicas: list[Properties] = properties.get("Replicas", [])
    return next((each for each in replicas if each["Region"] == region), {})


def _replicate(name: str, properties: Properties) -> None:
    """Make, change and delete replicas until they are those of the template."""
    table = dynamodb._tables[name]  # noqa: SLF001
    home = get_region()
    wanted = {each["Region"] for each in properties.get("Replicas", ())} - {home}
    present = set(dynamodb._replica_group(table)) - {home}  # noqa: SLF001
    updates = [{"Create": {"RegionName": region}} for region in sorted(wanted - present)]
    updates += [{"Delete": {"RegionName": region}} for region in sorted(present - wanted)]
    if updates:
        refused = dynamodb._apply_replica_updates(name, table, updates)  # noqa: SLF001
        if refused is not None:
            raise ValueError(f"AWS::DynamoDB::GlobalTable {name}: {refused[2]!r}")
    for region in wanted:
        with request_scope(get_account_id(), region):
            replica = dynamodb._tables[name]  # noqa: SLF001
            for each in _OF_ALL:
                replica[each] = copy.deepcopy(table[each])
            own = _in_region(properties, region)
            replica["DeletionProtectionEnabled"] = own.get("DeletionProtectionEnabled", False)
            table_settings.apply(name, own)
            table_capacity.apply(name, properties, _replica(properties, region))


def _create(create: Callable[..., Any]) -> Callable[..., Any]:
    create_table = table_settings.creating(create)

    def create_with_replicas(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        region = get_region()
        name, attributes = create_table(logical_id, _in_region(properties, region), stack)
        table_capacity.apply(name, properties, _replica(properties, region))
        _replicate(name, properties)
        return name, attributes

    return create_with_replicas


def _update(update: Callable[..., Any]) -> Callable[..., Any]:
    update_table = table_settings.updating(update)

    def update_with_replicas(
        physical_id: str, old: Properties, new: Properties, stack: str
    ) -> tuple[str, Properties]:
        region = get_region()
        name, attributes = update_table(physical_id, _in_region(old, region), _in_region(new, region), stack)
        table_capacity.apply(name, new, _replica(new, region))
        _replicate(name, new)
        return name, attributes

    return update_with_replicas


def _delete(delete: Callable[..., Any]) -> Callable[..., Any]:
    delete_table = table_settings.deleting(delete)

    def delete_with_replicas(physical_id: str, properties: Properties) -> None:
        table = dynamodb._tables.get(physical_id)  # noqa: SLF001
        regions = (set(dynamodb._replica_group(table)) if table else set()) | {get_region()}  # noqa: SLF001
        for region in regions:
            with request_scope(get_account_id(), region):
                delete_table(physical_id, properties)

    return delete_with_replicas


_TABLE = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]  # noqa: SLF001

FIX = Fix(
    Patch(_TABLE, "create", _create), Patch(_TABLE, "update", _update), Patch(_TABLE, "delete", _delete)
)
