"""WebSocket and HTTP APIs: ``ApiEndpoint`` is an address that reaches nothing here.

Fault: it is ``http://`` for a WebSocket API too, and a name under ``*.localhost``, which not every system
resolves.
Ours are ``ws://127.0.0.1:{port}/_aws/execute-api/{apiId}`` and the same with ``http://``.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable


def _address(api_id: str) -> str:
    """Set and return an API's address."""
    api = apigateway._apis[api_id]  # noqa: SLF001
    scheme = "ws" if api["protocolType"] == "WEBSOCKET" else "http"
    host, port = os.environ["BIND_HOST"], os.environ["GATEWAY_PORT"]
    address = api["apiEndpoint"] = f"{scheme}://{host}:{port}/_aws/execute-api/{api_id}"
    return address


def _provision(provision: Callable[..., Any]) -> Callable[..., Any]:
    def provision_with_address(*arguments: object) -> tuple[str, dict[str, Any]]:
        api_id, attributes = provision(*arguments)
        return api_id, {**attributes, "ApiEndpoint": _address(api_id)}

    return provision_with_address


def _create_api(create_api: Callable[..., Any]) -> Callable[..., Any]:
    def create_api_with_address(data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        response = create_api(data)
        if response[0] != 201:  # noqa: PLR2004 - HTTP's Created
            return response
        api_id = json.loads(response[2])["apiId"]
        _address(api_id)
        return apigateway._apigw_response(apigateway._apis[api_id], 201)  # noqa: SLF001

    return create_api_with_address


_API = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]  # noqa: SLF001

FIX = Fix(
    Patch(_API, "create", _provision),
    Patch(_API, "update", _provision),
    Patch(apigateway, "_create_api", _create_api),
)
