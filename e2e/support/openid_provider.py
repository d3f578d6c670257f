"""An OpenID provider that plays Google: discovery, a consent page, tokens, keys. Its tokens can be forged."""

from __future__ import annotations

import html
import json
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEY_ID = "today"


@dataclass(slots=True)
class OpenIdProvider:
    """The provider, with one client and one user, who consents by a click."""

    issuer: str
    client_id: str = "parley-at-the-provider"
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    subject: str = "108204268033311374519"
    name: str = "Ada Lovelace"
    email: str = "ada@example.com"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65_537, 2_048))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code was asked for with, until it is redeemed."""
    forge: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Alters the claims of ID tokens before they are signed."""
    signing_key: rsa.RSAPrivateKey | None = None
    """Signs them in place of the key that is published."""

    @property
    def discovery(self) -> dict[str, object]:
        """What the issuer says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @property
    def keys(self) -> dict[str, object]:
        """The public keys."""
        published = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**published, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]}

    def consent(self, asked: dict[str, str]) -> str:
        """Where the browser goes when the user agrees."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def refusal(self, asked: dict[str, str]) -> str:
        """Where the browser goes when the user does not."""
        told = {
            "error": "access_denied",
            "error_description": "The user did not agree.",
            "state": asked["state"],
        }
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def tokens(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Redeem a code, once, for the client that it is for."""
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": self.subject,
            "iat": now,
            "exp": now + 3_600,
            "nonce": asked.get("nonce", ""),
            "name": self.name,
            "email": self.email,
            "email_verified": True,
        }
        signed = jwt.encode(
            self.forge(claims), self.signing_key or self.key, algorithm="RS256", headers={"kid": _KEY_ID}
        )
        return 200, {"id_token": signed, "access_token": secrets.token_urlsafe(16), "token_type": "Bearer"}


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """Run a provider on a free port of loopback as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
    _Handler.providers[server.server_port] = provider
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        del _Handler.providers[server.server_port]


class _Handler(BaseHTTPRequestHandler):
    providers: ClassVar[dict[int, OpenIdProvider]] = {}
    """By port: the server makes a handler for each request."""

    @property
    def provider(self) -> OpenIdProvider:
        return self.providers[self.server.server_address[1]]  # type: ignore[index]  # an address of IPv4

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = dict(parse_qsl(url.query))
        if url.path == "/.well-known/openid-configuration":
            self._json(200, self.provider.discovery)
        elif url.path == "/keys":
            self._json(200, self.provider.keys)
        elif url.path == "/authorize" and asked.get("client_id") == self.provider.client_id:
            self._answer(200, "text/html; charset=utf-8", _page(self.provider, asked).encode())
        else:
            self._json(404, {"error": "not_found"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/token":
            self._json(*self.provider.tokens(dict(parse_qsl(body))))
        else:
            self._json(404, {"error": "not_found"})

    def log_message(self, *_: object) -> None:
        """Say nothing: the query strings hold codes."""

    def _json(self, status: int, body: object) -> None:
        self._answer(status, "application/json", json.dumps(body).encode())

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _page(provider: OpenIdProvider, asked: dict[str, str]) -> str:
    agree, refuse = (html.escape(url) for url in (provider.consent(asked), provider.refusal(asked)))
    return f"""<!doctype html><title>Sign in</title><h1>Hello, {html.escape(provider.name)}</h1>
<p>Parley wants to know your name and your address.</p>
<a href="{agree}">Continue</a> <a href="{refuse}">Cancel</a>"""
