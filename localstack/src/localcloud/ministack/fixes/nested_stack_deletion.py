"""Nested stacks: deleting one deletes what it was told to retain, and says nothing of what it cannot delete.

Fault: a child's resources are deleted whatever their DeletionPolicy, and failures are only logged. Also,
GetTemplate gives a policy that a condition chooses as it was written, although AWS::LanguageExtensions has
decided it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, handlers, provisioners, stacks

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    Record = dict[str, Any]

_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


def _deleting(delete: Callable[..., None]) -> Callable[..., None]:
    def delete_nested(physical_id: str, properties: Record) -> None:
        name = provisioners._nested_stack_lookup_name(physical_id)  # noqa: SLF001
        stack = cloudformation._stacks.get(name)  # noqa: SLF001
        if stack:
            _delete_resources(stack)
        delete(physical_id, properties)

    return delete_nested


def _delete_resources(stack: Record) -> None:
    """Delete what is to be deleted, dependents first; ValueError where something could not be."""
    name, resources = stack["StackName"], stack["_resources"]
    definitions = stack.get("_template", {}).get("Resources", {})
    order = engine._topological_sort(definitions, stack.get("_conditions", {}))  # noqa: SLF001
    failed = []
    for logical_id in reversed(order):
        resource = resources.get(logical_id)
        if not resource:
            continue
        kind, physical_id = resource["ResourceType"], resource["PhysicalResourceId"]
        status, reason = "DELETE_COMPLETE", ""
        if _policy(stack, definitions[logical_id], "DeletionPolicy") in provisioners._RETAINING_POLICIES:  # noqa: SLF001
            status = "DELETE_SKIPPED"
        else:
            try:
                provisioners._delete_resource(kind, physical_id, resource["Properties"], name, logical_id)  # noqa: SLF001
            except Exception as refused:  # noqa: BLE001 - each type refuses in its own way
                status, reason = "DELETE_FAILED", str(refused)
                failed.append(logical_id)
        if status != "DELETE_FAILED":
            resources.pop(logical_id)
        stacks._add_event(stack["StackId"], name, logical_id, kind, status, reason, physical_id)  # noqa: SLF001
    if failed:
        stack["StackStatus"] = "DELETE_FAILED"
        raise ValueError(f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}].")


def _policy(stack: Record, definition: Record, name: str) -> str:
    policy: str = stacks._resource_policy(  # noqa: SLF001
        definition,
        name,
        stack["_resources"],
        stack.get("_resolved_params", {}),
        stack.get("_conditions", {}),
        stack.get("_template", {}).get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    return policy


def _processing(process: Callable[[Record], str]) -> Callable[[Record], str]:
    def processed_template_body(record: Record) -> str:
        body = process(record)
        template = record.get("_template") or {}
        if "_resources" not in record or "AWS::LanguageExtensions" not in str(template.get("Transform")):
            return body
        resources = {
            name: {
                **definition,
                **{each: _policy(record, definition, each) for each in _POLICIES if each in definition},
            }
            for name, definition in template["Resources"].items()
        }
        return json.dumps({**template, "Resources": resources}, default=str)

    return processed_template_body


FIX = Fix(
    Patch(provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"], "delete", _deleting),  # noqa: SLF001
    Patch(handlers, "_processed_template_body", _processing),
)
