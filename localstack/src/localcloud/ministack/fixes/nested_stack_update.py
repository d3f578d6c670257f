"""Nested stacks: an update forgets the attributes of what it leaves alone.

Fault: the nested deployment calls ``_update_resource`` without the old attributes, so an unchanged resource
comes back with none, and the first ``Fn::GetAtt`` on it fails the update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _with_old_attributes(update_resource: Callable[..., Any]) -> Callable[..., Any]:
    def update(
        resource_type: str,
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
        old_attributes: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        if old_attributes is None:
            resources = (cloudformation._stacks.get(stack_name) or {}).get("_resources", {})  # noqa: SLF001
            old_attributes = resources.get(logical_id, {}).get("Attributes")
        return update_resource(resource_type, physical_id, old, new, stack_name, logical_id, old_attributes)

    return update


FIX = Fix(Patch(provisioners, "_update_resource", _with_old_attributes))
