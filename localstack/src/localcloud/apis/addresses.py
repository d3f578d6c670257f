"""Which API a request's URL names: the path form and the host form of an API's address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.resources import Api, Stage

PATH_PREFIX = "/_aws/execute-api/"
HOST_MARK = ".execute-api."
_API_ID = re.compile(r"[A-Za-z0-9-]+")
_NAMES_OF_THIS_MACHINE = frozenset({"localhost", "localhost.localstack.cloud"})
"""Ours and LocalStack's: every name below them is loopback."""


@dataclass(frozen=True, slots=True)
class Address:
    """An API's id, and what follows it in the URL."""

    api_id: str
    raw_path: str
    """The path after the API, percent-encoded, starting with ``/``: the stage, if named, comes first."""
    domain_name: str
    """Host, port and, in the path form, the path up to the stage: ``requestContext.domainName``. A callback
    built from it as on AWS reaches this server, whatever Host the request had."""

    def stage_of(self, api: Api) -> tuple[Stage, str] | None:
        """The stage that the path names and the percent-encoded path after it, or None when it names none.

        A first segment that is no stage's name belongs to the ``$default`` stage where there is one.
        """
        first, _, rest = self.raw_path[1:].partition("/")
        if named := api.stages.get(first):
            return named, "/" + rest
        if default := api.stages.get("$default"):
            return default, self.raw_path
        return None


def parse_address(scope: Mapping[str, Any], base_url_host: str) -> Address | None:
    """The API that an ASGI ``http`` or ``websocket`` scope is addressed to, or None when it is to none.

    Args:
        scope: the ASGI scope.
        base_url_host: host and port at which this server is reached, for the path form's domain name.
    """
    raw_path = _raw_path(scope)
    if raw_path.startswith(PATH_PREFIX):
        api_id, _, rest = raw_path[len(PATH_PREFIX) :].partition("/")
        if not _API_ID.fullmatch(api_id):
            return None
        return Address(api_id, "/" + rest, f"{base_url_host}{PATH_PREFIX}{api_id}")
    host = _host(scope)
    api_id, mark, parent = host.partition(HOST_MARK)
    if not mark or not _API_ID.fullmatch(api_id):
        return None
    # A callback to a name such as AWS's own would leave this machine.
    is_here = parent.partition(":")[0] in _NAMES_OF_THIS_MACHINE
    return Address(api_id, raw_path or "/", host if is_here else f"{base_url_host}{PATH_PREFIX}{api_id}")


def _raw_path(scope: Mapping[str, Any]) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1")


def _host(scope: Mapping[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name.lower() == b"host":
            host: str = value.decode("latin-1")
            return host
    return ""
