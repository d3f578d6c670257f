"""Noticing what changes in the control plane: requests that pass through, and CloudFormation's own work."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from localcloud.interfaces import Headers

_SIGNING_SERVICE = re.compile(rb"/([a-z0-9-]+)/aws4_request")
_READING = re.compile(rb"\.(Describe|List|Get|Query|Scan|Filter|Head)[A-Za-z]*$")
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DATA_PLANES_SERVICES = frozenset({b"apigateway", b"lambda"})
_DATA_PLANES_RESOURCES = ("AWS::ApiGatewayV2::", "AWS::Lambda::")


@dataclass(slots=True)
class Changes:
    """What has changed since the start."""

    generation: int = 0
    """Grows whenever an API, a function or a layer may have changed."""
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called, on any thread, whenever anything of the control plane may have changed."""

    def request(self, method: str, path: str, headers: Headers) -> None:
        """A request has been served by MiniStack: note what it may have changed."""
        if method in _READING_METHODS:
            return
        named = dict(headers)
        if _READING.search(named.get(b"x-amz-target", b"")):
            return
        signed_for = _SIGNING_SERVICE.search(named.get(b"authorization", b""))
        if path.endswith("/invocations"):
            return
        if signed_for is None or signed_for[1] in _DATA_PLANES_SERVICES:
            self.generation += 1
        self._notify()

    def watch_provisioning(self, handlers: MutableMapping[str, dict[str, Any]]) -> None:
        """Wrap CloudFormation's table of resource handlers, which work without any request."""
        for resource_type, entry in handlers.items():
            for verb in ("create", "update", "delete"):
                if verb in entry:
                    entry[verb] = self._watched(entry[verb], resource_type.startswith(_DATA_PLANES_RESOURCES))

    def _watched(self, handler: Callable[..., Any], is_of_data_planes: bool) -> Callable[..., Any]:  # noqa: FBT001
        def watched(*arguments: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
            try:
                return handler(*arguments)
            finally:
                self.generation += is_of_data_planes
                self._notify()

        return watched

    def _notify(self) -> None:
        for listener in self.listeners:
            listener()
