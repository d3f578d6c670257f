"""User pools: signing in at the hosted domain leads to AWS, and back to no page that is served here.

Fault: an identity provider is told to send browsers to `{prefix}.auth.{region}.amazoncognito.com`, which is
not this machine. Ours is this server's own address. And a client's CallbackURLs that are built from a
distribution's DomainName admit the address under which a browser has the distribution's pages open, as well.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from ministack.services import cognito

from localcloud.distributions import PATH_PREFIX
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Found = tuple[str | None, Any, Any]

_OF_DISTRIBUTION = re.compile(rf"https://[^/]+{PATH_PREFIX}(?P<label>[a-z0-9]+)(?P<path>/.*)?")


def _callback_here(_callback: object) -> Callable[[object], str]:
    return lambda _pool: f"http://{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}/oauth2/idpresponse"


def _admitting_pages(find: Callable[[str], Found]) -> Callable[[str], Found]:
    def find_client(client_id: str) -> Found:
        pool_id, pool, client = find(client_id)
        if client is None:
            return pool_id, pool, client
        urls = {name: _both_forms(client.get(name) or ()) for name in ("CallbackURLs", "LogoutURLs")}
        return pool_id, pool, {**client, **urls}

    return find_client


def _both_forms(urls: Sequence[str]) -> list[str]:
    return [*urls, *(_in_browsers(match) for url in urls if (match := _OF_DISTRIBUTION.fullmatch(url)))]


def _in_browsers(address: re.Match[str]) -> str:
    return (
        f"http://{address['label']}.cloudfront.localhost:{os.environ['GATEWAY_PORT']}{address['path'] or '/'}"
    )


FIX = Fix(
    Patch(cognito, "_oidc_callback_url", _callback_here),
    Patch(cognito, "_find_pool_by_client_id", _admitting_pages),
)
