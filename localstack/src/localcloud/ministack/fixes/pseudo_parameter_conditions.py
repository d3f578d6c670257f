"""CloudFormation: a condition that compares AWS::Region, AWS::AccountId or AWS::Partition is never true.

Fault: conditions read parameters alone, and take a pseudo parameter for its own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    Parameters = dict[str, dict[str, Any]]


def _knowing(evaluate: Callable[..., dict[str, bool]]) -> Callable[..., dict[str, bool]]:
    def evaluate_conditions(template: dict[str, Any], parameters: Parameters) -> dict[str, bool]:
        pseudo = {
            "AWS::AccountId": get_account_id(),
            "AWS::Partition": "aws",
            "AWS::Region": get_region(),
        }
        known = {name: {"Value": value} for name, value in pseudo.items()}
        return evaluate(template, {**known, **parameters})

    return evaluate_conditions


FIX = Fix(
    *(Patch(module, "_evaluate_conditions", _knowing) for module in (changesets, engine, handlers, stacks))
)
