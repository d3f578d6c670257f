"""Deployments of WebSocket and HTTP APIs: they deploy the API as it was, which MiniStack forgets.

Fault: a deployment is an id and a date, so a stage without AutoDeploy cannot serve what was deployed to it;
and one that names a stage is not deployed to that stage. Here a deployment keeps a snapshot of the API's
routes with all that they name, which the data plane reads, and its stage points to it.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from ministack.services import apigateway

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = tuple[int, Any, Any]


def _deployment(create: Callable[..., Answer]) -> Callable[..., Answer]:
    def create_deployment(api_id: str, data: dict[str, Any]) -> Answer:
        stage_name = data.get("stageName")
        stages = apigateway._stages.get(api_id, {})  # noqa: SLF001
        if stage_name and api_id in apigateway._apis and stage_name not in stages:  # noqa: SLF001
            error: Answer = apigateway._apigw_error(  # noqa: SLF001
                "NotFoundException", f"Unable to find Stage by name {stage_name} within the provided API", 404
            )
            return error
        answer = create(api_id, data)
        if answer[0] == 201:  # noqa: PLR2004 - HTTP's created
            identifier = json.loads(answer[2])["deploymentId"]
            apigateway._deployments[api_id][identifier]["snapshot"] = _snapshot(api_id)  # noqa: SLF001
            if stage_name:
                stages[stage_name]["deploymentId"] = identifier
        return answer

    return create_deployment


def _snapshot(api_id: str) -> dict[str, Any]:
    """The API's resources in the spelling of API Gateway's answers."""
    routes = _items(apigateway._routes, api_id)  # noqa: SLF001
    responses = apigateway._route_responses.get(api_id, {})  # noqa: SLF001
    return {
        "routes": routes,
        "integrations": _items(apigateway._integrations, api_id),  # noqa: SLF001
        "authorizers": _items(apigateway._authorizers, api_id),  # noqa: SLF001
        "routeResponses": {
            route["routeId"]: copy.deepcopy(list(responses.get(route["routeId"], {}).values()))
            for route in routes
        },
    }


def _items(store: Any, api_id: str) -> list[dict[str, Any]]:  # noqa: ANN401 - MiniStack is untyped
    return copy.deepcopy(list(store.get(api_id, {}).values()))


FIX = Fix(Patch(apigateway, "_create_deployment", _deployment))
