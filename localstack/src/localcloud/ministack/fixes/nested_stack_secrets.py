"""Nested stacks: a dynamic reference, such as `{{resolve:secretsmanager:name}}`, is taken for the value.

Fault: MiniStack resolves them in the outermost stack alone. Here a nested stack's are resolved, too, whenever
the resource is made or updated; what the stack remembers of the resource is the reference.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import engine, provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _resolved(properties: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
    return engine._resolve_dynamic_references(properties)[0]  # noqa: SLF001


def _provision(provision: Callable[..., Any]) -> Callable[..., Any]:
    def provision_resolved(kind: str, logical_id: str, properties: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
        return provision(kind, logical_id, _resolved(properties), *rest, **named)

    return provision_resolved


def _update(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_resolved(kind: str, resource_id: str, old: Any, new: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
        return update(kind, resource_id, old, _resolved(new), *rest, **named)

    return update_resolved


FIX = Fix(
    Patch(provisioners, "_provision_resource", _provision),
    Patch(provisioners, "_update_resource", _update),
)
