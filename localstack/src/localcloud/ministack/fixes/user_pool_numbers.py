"""CloudFormation: a user pool whose password policy takes its numbers from parameters lets nobody sign up.

Fault: a parameter of a nested stack arrives as a string, MiniStack keeps ``MinimumLength`` as that, and answers
every password ``InternalError``. CloudFormation passes on as a number what the resource's schema calls one.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cognito

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = tuple[int, Mapping[str, str], bytes]

_NUMBERS = ("MinimumLength", "PasswordHistorySize", "TemporaryPasswordValidityDays")


def _with_numbers(operation: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def with_numbers(request: dict[str, Any]) -> Answer:
        policies = request.get("Policies") or {}
        if policy := policies.get("PasswordPolicy"):
            numbers = {name: int(policy[name]) for name in _NUMBERS if name in policy}
            request = {**request, "Policies": {**policies, "PasswordPolicy": {**policy, **numbers}}}
        return operation(request)

    return with_numbers


FIX = Fix(
    Patch(cognito, "_create_user_pool", _with_numbers),
    Patch(cognito, "_update_user_pool", _with_numbers),
)
