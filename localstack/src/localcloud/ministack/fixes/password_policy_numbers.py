"""User pools: a password policy whose length is a parameter of the template fails every sign-up.

Fault: a parameter's value is text, as CloudFormation has it, and MiniStack compares a number with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBERS = ("MinimumLength", "PasswordHistorySize", "TemporaryPasswordValidityDays")


def _with_numbers(properties: dict[str, Any]) -> dict[str, Any]:
    policies = properties.get("Policies", {})
    policy = policies.get("PasswordPolicy", {})
    numbers = {name: int(policy[name]) for name in _NUMBERS if name in policy}
    if not numbers:
        return properties
    return {**properties, "Policies": {**policies, "PasswordPolicy": {**policy, **numbers}}}


def _create(create: Callable[..., Any]) -> Callable[..., Any]:
    return lambda logical_id, properties, stack: create(logical_id, _with_numbers(properties), stack)


def _update(update: Callable[..., Any]) -> Callable[..., Any]:
    return lambda pool_id, old, new, *rest: update(pool_id, old, _with_numbers(new), *rest)


_USER_POOL = provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPool"]  # noqa: SLF001

FIX = Fix(Patch(_USER_POOL, "create", _create), Patch(_USER_POOL, "update", _update))
