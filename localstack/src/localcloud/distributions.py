"""CloudFront's distributions on this machine: both forms of their address, and what their pages may reach.

AWS gives each a name of its own, over TLS. Here ``{host}:{port}/_aws/cloudfront/{label}`` reaches one from
any program, as no name has to be looked up; and ``{label}.cloudfront.localhost:{port}`` gives its pages an
origin of their own in browsers, to which every name below ``localhost`` is this machine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.asgi import Receive, Scope, Send, Serve
    from localcloud.interfaces import Headers

PATH_PREFIX = "/_aws/cloudfront/"
_LABEL = r"(?P<label>[a-z0-9]+)"
_PATH_FORM = re.compile(rf"{PATH_PREFIX}{_LABEL}(?P<path>/.*)?")
_HOST_FORM = re.compile(rf"{_LABEL}\.cloudfront\.localhost(:\d+)?")
_ORIGIN = re.compile(rf"http://{_HOST_FORM.pattern}")
_AWS_SOURCE = re.compile(r"(?P<scheme>http|ws)s://[^\s;]+\.amazonaws\.com[^\s;]*")
"""A source of a Content-Security-Policy that is AWS's own."""


class Distributions:
    """Serves the viewers of distributions, by what serves them by AWS's own names."""

    def __init__(self, serve: Serve, host: str) -> None:
        """Serve by `serve`, on a server that is reached at `host`, such as ``127.0.0.1:4566``."""
        self._serve = serve
        self._host = host
        self._own_source = re.compile(rf"https://{re.escape(host + PATH_PREFIX)}[a-z0-9]+/?")

    def owns(self, scope: Scope) -> bool:
        """Whether a request is addressed to a distribution, in one of the two forms."""
        return scope["type"] == "http" and self._label_and_path(scope) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request that ``owns`` said yes to."""
        label, raw_path = self._label_and_path(scope) or ("", "")
        path = scope["path"].removeprefix(f"{PATH_PREFIX}{label}") or "/"
        headers = _replaced(scope["headers"], b"host", f"{label}.cloudfront.net")

        async def send_as_here(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._with_sources_here(message["headers"])}
            await send(message)

        addressed = {**scope, "path": path, "raw_path": raw_path.encode("latin-1"), "headers": headers}
        await self._serve(addressed, receive, send_as_here)

    def _label_and_path(self, scope: Scope) -> tuple[str, str] | None:
        """The distribution's label and the percent-encoded path below it; None where none is addressed."""
        raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        if match := _PATH_FORM.fullmatch(raw):
            return match["label"], match["path"] or "/"
        if match := _HOST_FORM.fullmatch(_header(scope["headers"], b"host")):
            return match["label"], raw
        return None

    def _with_sources_here(self, headers: Headers) -> Headers:
        """The headers, with a policy that lets a page reach here what it may reach of AWS."""
        policy = _header(headers, b"content-security-policy")
        if not policy:
            return headers
        policy = _AWS_SOURCE.sub(rf"\g<scheme>://{self._host}", policy)
        policy = self._own_source.sub(lambda own: f"http{own[0].removeprefix('https').rstrip('/')}/", policy)
        return _replaced(headers, b"content-security-policy", policy)


class Origins:
    """Tells everybody the origin of a distribution's page as it is known from the distribution's DomainName.

    So what admits ``https://{DomainName}``, as on AWS, admits the page that a browser has opened here.
    """

    def __init__(self, serve: Serve, host: str) -> None:
        """Serve by `serve`, on a server that is reached at `host`."""
        self._serve = serve
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve any ASGI scope."""
        origin = _header(scope.get("headers", ()), b"origin")
        match = _ORIGIN.fullmatch(origin)
        if match is None:
            await self._serve(scope, receive, send)
            return
        known = f"https://{self._host}{PATH_PREFIX}{match['label']}"

        async def send_to_page(message: Scope) -> None:
            allowed = _header(message.get("headers", ()), b"access-control-allow-origin")
            if allowed == known:
                headers = _replaced(message["headers"], b"access-control-allow-origin", origin)
                message = {**message, "headers": headers}
            await send(message)

        await self._serve(
            {**scope, "headers": _replaced(scope["headers"], b"origin", known)}, receive, send_to_page
        )


def _header(headers: Headers, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def _replaced(headers: Headers, name: bytes, value: str) -> Headers:
    """The headers with another value of one of them."""
    return tuple((key, value.encode("latin-1") if key.lower() == name else old) for key, old in headers)
