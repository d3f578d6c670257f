"""``GET /_localcloud``: the dashboard, a page of this package that asks for the status each second."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from localcloud.interfaces import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.control.routes import Endpoint
    from localcloud.interfaces import Request

_FILES = {
    "": ("dashboard.html", "text/html"),
    "/dashboard.css": ("dashboard.css", "text/css"),
    "/dashboard.js": ("dashboard.js", "text/javascript"),
}
"""By path, each file and its type."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page takes everything from localcloud itself, runs nothing inline, and stands in no other page's frame:
logs are strangers' text."""


def dashboard_endpoints() -> Mapping[tuple[str, str], Endpoint]:
    """For ``Control``."""
    return {("GET", path): _serving(name, kind) for path, (name, kind) in _FILES.items()}


def _serving(name: str, kind: str) -> Endpoint:
    answer = Response(
        200,
        (
            (b"content-type", f"{kind}; charset=utf-8".encode()),
            (b"content-security-policy", _POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cache-control", b"no-cache"),
        ),
        files(__package__).joinpath(name).read_bytes(),
    )

    async def get(_request: Request) -> Response:
        return answer

    return get
