"""Change sets: what a condition leaves out of the stack is told as added.

Fault: the templates are compared whole, so a resource whose condition is false is a change; and one whose
condition turns is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import changesets, engine

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    Template = dict[str, Any]


def _with_conditions(resolve: Callable[..., Template]) -> Callable[..., Template]:
    def resolve_properties(template: Template, params: Template, stack_name: str, stack_id: str) -> Template:
        resolved = resolve(template, params, stack_name, stack_id)
        if not resolved:
            return resolved
        conditions = engine._evaluate_conditions(template, params)  # noqa: SLF001
        there = {
            name: resource
            for name, resource in resolved["Resources"].items()
            if conditions.get(resource.get("Condition"), True)
        }
        return {**resolved, "Resources": there}

    return resolve_properties


FIX = Fix(Patch(changesets, "_resolve_props_for_diff", _with_conditions))
