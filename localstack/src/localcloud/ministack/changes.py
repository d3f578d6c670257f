"""Noticing what changes in the control plane: requests that pass through, and CloudFormation's own work."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack import app

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from localcloud.interfaces import Headers

Services = frozenset[str] | None
"""Which services' state may have changed, by MiniStack's names of them; None for any of them."""

_SIGNING_SERVICE = re.compile(rb"/([a-z0-9-]+)/aws4_request")
_READING = re.compile(rb"\.(Describe|List|Get|Query|Scan|Filter|Head)[A-Za-z]*$")
_UNSIGNED_COGNITO = b"AWSCognitoIdentityProviderService."
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DATA_PLANES_SERVICES = frozenset({"", "apigateway", "lambda"})
"""Also what is not signed: it may be anything."""
_DATA_PLANES_RESOURCES = ("AWS::ApiGatewayV2::", "AWS::Lambda::")


@dataclass(slots=True)
class Changes:
    """What has changed since the start."""

    generation: int = 0
    """Grows whenever an API, a function or a layer may have changed."""
    listeners: list[Callable[[Services], None]] = field(default_factory=list)
    """Called, on any thread, whenever anything of the control plane may have changed."""

    def request(self, method: str, path: str, headers: Headers) -> None:
        """A request has been served by MiniStack: note what it may have changed."""
        named = dict(headers)
        signed_for = _SIGNING_SERVICE.search(named.get(b"authorization", b""))
        target = named.get(b"x-amz-target", b"")
        if target.startswith(_UNSIGNED_COGNITO):
            service = "cognito-idp"
        else:
            service = signed_for[1].decode() if signed_for else ""
        self.call(service, method, path, target)

    def call(self, service: str, method: str, path: str, target: bytes) -> None:
        """A service has been called: note what the call may have changed."""
        is_reading = method in _READING_METHODS or _READING.search(target) is not None
        if is_reading or path.endswith("/invocations"):
            return
        if service in _DATA_PLANES_SERVICES:
            self.generation += 1
        self._notify(_states_of(service))

    def watch_provisioning(self, handlers: MutableMapping[str, dict[str, Any]]) -> None:
        """Wrap CloudFormation's table of resource handlers, which work without any request."""
        for resource_type, entry in handlers.items():
            for verb in ("create", "update", "delete"):
                if verb in entry:
                    entry[verb] = self._watched(entry[verb], resource_type.startswith(_DATA_PLANES_RESOURCES))

    def _watched(self, handler: Callable[..., Any], is_of_data_planes: bool) -> Callable[..., Any]:
        def watched(*arguments: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
            try:
                return handler(*arguments)
            finally:
                self.generation += is_of_data_planes
                self._notify(None)

        return watched

    def _notify(self, services: Services) -> None:
        for listener in self.listeners:
            listener(services)


def _states_of(service: str) -> Services:
    entry = app.SERVICE_REGISTRY.get(app.SERVICE_NAME_ALIASES.get(service, service))
    if entry is None:
        return None
    return frozenset({entry.get("state_key", entry["module"]), *entry.get("sub_modules", ())})
