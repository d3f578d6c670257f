"""CloudFormation: AWS::Cognito::UserPoolIdentityProvider cannot be deployed.

Fault: MiniStack has its API and no provisioner, so a stack with one is rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolidentityprovider.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cognito
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

_REPLACING = ("UserPoolId", "ProviderName", "ProviderType")
_FAILED = 400


def _create(_logical_id: str, properties: Properties, _stack_name: str) -> Provisioned:
    _call(cognito._create_identity_provider, properties)  # noqa: SLF001
    return properties["ProviderName"], {"Id": properties["ProviderName"]}


def _update(name: str, old: Properties, new: Properties, stack_name: str, logical_id: str) -> Provisioned:
    """Change it in place, or where it is another one, make that in its stead."""
    if any(old.get(key) != new.get(key) for key in _REPLACING):
        _delete(name, old)
        return _create(logical_id, new, stack_name)
    _call(cognito._update_identity_provider, {"AttributeMapping": {}, **new})  # noqa: SLF001
    return name, {"Id": name}


def _delete(name: str, properties: Properties) -> None:
    pool = cognito._user_pools.get(properties["UserPoolId"])  # noqa: SLF001
    if pool is not None:  # else it is gone with its pool
        pool.get("_identity_providers", {}).pop(name, None)


def _call(operation: Callable[[Any], Any], request: Properties) -> None:
    status, _, body = operation(dict(request))
    if status >= _FAILED:
        raise ValueError(f"{request['ProviderName']}: {body.decode()}")


FIX = Fix(
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::Cognito::UserPoolIdentityProvider",
        lambda _: {"create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete},
    )
)
