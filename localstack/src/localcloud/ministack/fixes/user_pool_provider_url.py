"""User pools: ``Fn::GetAtt Pool.ProviderURL`` fails the stack.

Fault: the attribute, which every template with a JWT authorizer wants as its issuer, is not among the
resource's attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _with_url(attributes_of: Callable[..., Any]) -> Callable[..., Any]:
    def attributes(pool_id: str) -> dict[str, Any]:
        known = attributes_of(pool_id)
        return {**known, "ProviderURL": f"https://{known['ProviderName']}"}

    return attributes


FIX = Fix(Patch(provisioners, "_cognito_user_pool_attributes", _with_url))
