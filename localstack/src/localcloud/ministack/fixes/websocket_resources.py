"""WebSocket APIs: three resource types that CloudFormation has reject the template.

Fault: ``AWS::ApiGatewayV2::RouteResponse``, ``::IntegrationResponse`` and ``::Deployment`` are unknown,
although the service's own API has all three; they are provisioned through it here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Resource:
    """One type: where it hangs, and the service's functions for it."""

    parents: tuple[str, ...]
    """The properties that name the API and what of it the resource belongs to; a change replaces it."""
    identifier: str
    """Its identifier in the service's answers."""
    create_call: Callable[..., Any]
    update_call: Callable[..., Any] | None
    delete_call: Callable[..., Any]

    def handlers(self) -> dict[str, Any]:
        """The entry of CloudFormation's table of resource handlers."""
        return {"create": self.create, "update": self.update, "delete": self.delete}

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
        """Create it; ``Ref`` is its identifier."""
        answer = _answer(self.create_call(*self._place(properties), _api_spelling(properties)))
        identifier = answer[self.identifier]
        return identifier, {self.identifier[0].upper() + self.identifier[1:]: identifier}

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str
    ) -> tuple[str, Properties]:
        """Update it in place, or make another where its place changes; the engine deletes the old one."""
        if self._place(old) != self._place(new) or self.update_call is None:
            return self.create("", new, stack)
        _answer(self.update_call(*self._place(new), physical_id, _api_spelling(new)))
        return physical_id, {self.identifier[0].upper() + self.identifier[1:]: physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete it; one whose API or route is gone already went with that."""
        self.delete_call(*self._place(properties), physical_id)

    def _place(self, properties: Properties) -> tuple[str, ...]:
        # MiniStack's Ref of a route is "{apiId}/{routeId}".
        return tuple(str(properties.get(parent, "")).rpartition("/")[2] for parent in self.parents)


def _answer(response: tuple[int, Any, Any]) -> Properties:
    if response[0] >= 400:  # noqa: PLR2004 - HTTP's errors
        raise ValueError(json.loads(response[2]).get("message") or response[2])
    answer: Properties = json.loads(response[2])
    return answer


def _api_spelling(properties: Properties) -> Properties:
    return {name[0].lower() + name[1:]: value for name, value in properties.items()}


_TYPES = {
    "AWS::ApiGatewayV2::RouteResponse": _Resource(
        ("ApiId", "RouteId"),
        "routeResponseId",
        apigateway._create_route_response,  # noqa: SLF001
        apigateway._update_route_response,  # noqa: SLF001
        apigateway._delete_route_response,  # noqa: SLF001
    ),
    "AWS::ApiGatewayV2::IntegrationResponse": _Resource(
        ("ApiId", "IntegrationId"),
        "integrationResponseId",
        apigateway._create_integration_response,  # noqa: SLF001
        apigateway._update_integration_response,  # noqa: SLF001
        apigateway._delete_integration_response,  # noqa: SLF001
    ),
    "AWS::ApiGatewayV2::Deployment": _Resource(
        ("ApiId",),
        "deploymentId",
        lambda *place: apigateway._create_deployment(*place),  # noqa: PLW0108, SLF001 - as it is mended
        None,
        apigateway._delete_deployment,  # noqa: SLF001
    ),
}

FIX = Fix(
    *(
        Patch(provisioners._RESOURCE_HANDLERS, name, lambda _none, resource=resource: resource.handlers())  # type: ignore[misc]  # noqa: SLF001
        for name, resource in _TYPES.items()
    )
)
