"""Nested stacks: a child that fails to create leaves its resources behind.

Fault: the parent's rollback deletes what the parent recorded as created, and a failed child never gets
recorded, so the resources that the child made before it failed stay for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _cleaning_up(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_or_clean_up(logical_id: str, properties: dict[str, Any], parent: str) -> Any:  # noqa: ANN401
        try:
            return create(logical_id, properties, parent)
        except Exception:
            if not (cloudformation._stacks.get(parent) or {}).get("DisableRollback"):  # noqa: SLF001
                _delete_failed_children(parent, logical_id)
            raise

    return create_or_clean_up


def _delete_failed_children(parent: str, logical_id: str) -> None:
    for name, stack in list(cloudformation._stacks.items()):  # noqa: SLF001
        is_child = stack.get("_parent_stack_name") == parent and name.startswith(f"{parent}-{logical_id}-")
        if is_child and stack["StackStatus"] in {"CREATE_FAILED", "CREATE_IN_PROGRESS"}:
            provisioners._cfn_nested_stack_delete(name, {})  # noqa: SLF001


FIX = Fix(Patch(provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"], "create", _cleaning_up))  # noqa: SLF001
