"""Integrations of WebSocket and HTTP APIs: some of their settings are forgotten.

Fault: CreateIntegration and CloudFormation drop the role that the integration is called with, the action of
an AWS service that it names, and the expression that selects a request template.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]

_FORGOTTEN = ("credentialsArn", "integrationSubtype", "templateSelectionExpression")


def _create_integration(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_with_all(api_id: str, data: Properties) -> Any:  # noqa: ANN401 - MiniStack is untyped
        response = create(api_id, data)
        if response[0] != 201:  # noqa: PLR2004 - HTTP's Created
            return response
        integration = apigateway._integrations[api_id][json.loads(response[2])["integrationId"]]  # noqa: SLF001
        integration |= {name: data[name] for name in _FORGOTTEN if name in data}
        return apigateway._apigw_response(integration, 201)  # noqa: SLF001

    return create_with_all


def _integration_properties(make: Callable[[Properties], Properties]) -> Callable[[Properties], Properties]:
    def with_all(properties: Properties) -> Properties:
        # One that a template drops is empty: the update writes over what was there.
        return {
            **make(properties),
            **{name: properties.get(name[0].upper() + name[1:], "") for name in _FORGOTTEN},
        }

    return with_all


FIX = Fix(
    Patch(apigateway, "_create_integration", _create_integration),
    Patch(provisioners, "_apigw_v2_integration_props", _integration_properties),
)
