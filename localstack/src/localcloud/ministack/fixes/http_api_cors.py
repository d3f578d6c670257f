"""HTTP APIs: CORS from CloudFormation refuses every preflight.

Fault: the template's ``CorsConfiguration`` is stored with its own names (``AllowOrigins``), while everything
that reads it expects the API's (``allowOrigins``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _api_spelling(properties: dict[str, Any]) -> dict[str, Any]:
    cors = properties.get("CorsConfiguration")
    if not cors:
        return properties
    spelled = {name[0].lower() + name[1:]: value for name, value in cors.items()}
    return {**properties, "CorsConfiguration": spelled}


def _create(create: Callable[..., Any]) -> Callable[..., Any]:
    return lambda logical_id, properties, stack: create(logical_id, _api_spelling(properties), stack)


def _update(update: Callable[..., Any]) -> Callable[..., Any]:
    return lambda physical_id, old, new, *rest: update(physical_id, old, _api_spelling(new), *rest)


_API = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]  # noqa: SLF001

FIX = Fix(Patch(_API, "create", _create), Patch(_API, "update", _update))
