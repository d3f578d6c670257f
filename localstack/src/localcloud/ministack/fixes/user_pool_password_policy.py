"""User pools: a password's length that a parameter gives fails every sign-up.

Fault: CloudFormation's parameters are text, and the numbers of a ``PasswordPolicy`` stay text, with which the
length of a password cannot be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]

_NUMBERS: Final = ("MinimumLength", "TemporaryPasswordValidityDays", "PasswordHistorySize")
_HANDLERS = provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPool"]  # noqa: SLF001


def _with_numbers(properties: Properties) -> Properties:
    policies = properties.get("Policies") or {}
    policy = dict(policies.get("PasswordPolicy") or {})
    policy |= {name: int(policy[name]) for name in _NUMBERS if name in policy}
    return {**properties, "Policies": {**policies, "PasswordPolicy": policy}} if policy else properties


def _creating(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_pool(logical_id: str, properties: Properties, *rest: object) -> Any:  # noqa: ANN401
        return create(logical_id, _with_numbers(properties), *rest)

    return create_pool


def _updating(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_pool(pool_id: str, old: Properties, new: Properties, *rest: object) -> Any:  # noqa: ANN401
        return update(pool_id, _with_numbers(old), _with_numbers(new), *rest)

    return update_pool


FIX = Fix(Patch(_HANDLERS, "create", _creating), Patch(_HANDLERS, "update", _updating))
