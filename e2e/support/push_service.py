"""A push service of the test's own, and browsers that are subscribed at it and read what it was given."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from e2e.support.settings import variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame

SALT_BYTES = 16
KEY_START, KEY_END = 21, 86
"""Where the sender's key is: after the salt, the record's size and the key's length."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the push service was given for a browser."""

    headers: dict[str, str]
    """By name in lower case."""
    body: bytes


@dataclass
class PushService:
    """Keeps what it is given, by the path of the endpoint."""

    origin: str = ""
    pushed: dict[str, list[Pushed]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Paths that answer 410."""

    def browser(self) -> Browser:
        """Make a browser that can be subscribed here."""
        return Browser(self, f"/send/{secrets.token_hex(8)}")


@dataclass
class Browser:
    """A browser with its keys."""

    service: PushService
    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def subscription(self) -> Frame:
        """What the browser's Push API says of the subscription."""
        keys = {"p256dh": base64url(point(self.key)), "auth": base64url(self.auth)}
        return {"endpoint": f"{self.service.origin}{self.path}", "keys": keys}

    async def subscribe(self, parley: Parley, person: Person) -> httpx.Response:
        """Subscribe as a person."""
        path = "/users/me/push-subscriptions"
        return await parley.rest.put(path, headers=person.authorization, json=self.subscription)

    async def pushed(self) -> list[Pushed]:
        """Give what came so far."""
        return list(self.service.pushed.get(self.path, ()))

    def read(self, pushed: Pushed) -> Any:
        """Decrypt what came, as RFC 8291 has it."""
        salt, theirs = pushed.body[:SALT_BYTES], pushed.body[KEY_START:KEY_END]
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        )
        secret = _derive(shared, self.auth, b"WebPush: info\x00" + point(self.key) + theirs, 32)
        content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
        content = AESGCM(content_key).decrypt(nonce, pushed.body[KEY_END:], None)
        assert content.endswith(b"\x02")
        return json.loads(content[:-1])


@contextmanager
def push_service(account: Account) -> Iterator[PushService]:
    """Serve on this machine, trusted by the stack's functions for as long as the block lasts."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.pushed.setdefault(self.path, []).append(Pushed(headers, body))
            self.send_response(410 if self.path in service.gone else 201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        service.origin = f"http://127.0.0.1:{server.server_port}"
        try:
            with variables(account, ["Push", "PushSubscriptions"], PUSH_SERVICES=service.origin):
                yield service
        finally:
            server.shutdown()


def verified_claims(pushed: Pushed, public_key: str) -> dict[str, Any]:
    """Check who signed what came (RFC 8292), and give what they claim."""
    scheme, _, rest = pushed.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert parts["k"] == public_key
    raw = urlsafe_b64decode(public_key + "=")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    audience = jwt.decode(parts["t"], options={"verify_signature": False})["aud"]
    return dict(jwt.decode(parts["t"], key, algorithms=["ES256"], audience=audience))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Give the public half, uncompressed."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def base64url(raw: bytes) -> str:
    """Write bytes without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
