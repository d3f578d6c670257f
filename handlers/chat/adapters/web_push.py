"""Web Push: posts to browsers' push services (RFC 8030), encrypted (RFC 8291) and signed (RFC 8292)."""

from __future__ import annotations

import logging
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chat.adapters.endpoint import Endpoint
from chat.ports.notifications import NotSentError
from chat.push import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.push import PushServices, Subscription

LOGGER = logging.getLogger("chat")

READ_TIMEOUT = 4
"""Seconds."""
ORIGINS_KEPT = 16
"""Push services with connections kept open."""
TOKEN_LIFETIME = 12 * 60 * 60
"""Seconds; a push service takes 24 hours at most."""
NOTIFICATION_LIFETIME = 24 * 60 * 60
"""Seconds for which a push service keeps a notification for a browser that is off."""
RECORD_SIZE = 4_096
"""Bytes, of which a notification is a fraction: it is one record."""
_CURVE = ec.SECP256R1()
_LAST_RECORD = b"\x02"
_GONE = (404, 410)
_LATER = (408, 429)
_SERVER_FAULT = 500
_REFUSED = 300


class EcKeyPairs:
    """Serves `ports.KeyPairs`: those of VAPID."""

    def make(self) -> str:
        """Make a pair; its private half, as PEM."""
        return (
            ec.generate_private_key(_CURVE)
            .private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            .decode()
        )

    def public_half(self, private: str) -> str:
        """The public half of a private half, as browsers take it: a point, in base64url."""
        return to_base64url(point(load_private_key(private)))


class WebPush:
    """Serves `ports.Notifications`: calls push services that are trusted, and follows no redirect."""

    def __init__(self, services: PushServices, contact: str, read_key: Callable[[], str]) -> None:
        """Post to the push services.

        Args:
            services: those that are trusted.
            contact: the URL by which a push service finds who runs this stack.
            read_key: reads the private key, as PEM, when it is first needed.
        """
        self._services = services
        self._contact = contact
        self._read_key = read_key

    def send(self, subscription: Subscription, content: bytes, topic: str) -> bool:
        """Send a notification, in place of an earlier one of its topic that was not shown yet.

        Returns:
            False when the subscription is gone, or never can be sent to. A refusal for good is logged.

        Raises:
            NotSentError: it may be sent later.
        """
        if not self._services.have(subscription.endpoint):  # trusted once, and no longer
            return False
        try:
            body = encrypt(content, subscription, ec.generate_private_key(_CURVE), os.urandom(16))
        except ValueError:  # its key is no point of the curve
            return False
        origin = origin_of(subscription.endpoint)
        headers = {
            "Host": origin.partition("//")[2],
            "Authorization": self._authorization(origin),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(NOTIFICATION_LIFETIME),
            "Topic": topic,
            "Urgency": "high",
        }
        path = subscription.endpoint.removeprefix(origin)
        try:
            status = _endpoint(origin).exchange("POST", path, headers, body).status
        except OSError as fault:
            raise NotSentError(origin) from fault
        if status in _LATER or status >= _SERVER_FAULT:
            raise NotSentError(f"{origin}: {status}")
        if status >= _REFUSED and status not in _GONE:
            LOGGER.error("notification_refused", extra={"fields": {"pushService": origin, "status": status}})
        return status not in _GONE

    @cached_property
    def _private_key(self) -> ec.EllipticCurvePrivateKey:
        return load_private_key(self._read_key())

    def _authorization(self, origin: str) -> str:
        """Say who sends, for one push service (RFC 8292)."""
        claims = {"aud": origin, "exp": int(time.time()) + TOKEN_LIFETIME, "sub": self._contact}
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        signed = ".".join(to_base64url(msgspec.json.encode(part)) for part in parts)
        signature = self._private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(signature)
        token = f"{signed}.{to_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
        return f"vapid t={token}, k={to_base64url(point(self._private_key))}"


def encrypt(
    content: bytes, subscription: Subscription, key: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """Encrypt for one browser (RFC 8291), as one record of aes128gcm (RFC 8188).

    Args:
        content: up to 4,000 bytes.
        subscription: the browser's.
        key: the sender's, for this content alone.
        salt: 16 bytes that were never used before.

    Raises:
        ValueError: the subscription's key is no point of the curve.
    """
    theirs, ours = from_base64url(subscription.p256dh), point(key)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    info = b"WebPush: info\x00" + theirs + ours
    secret = _derive(shared, from_base64url(subscription.auth), info, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(content_key).encrypt(nonce, content + _LAST_RECORD, None)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half of a key, uncompressed."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def load_private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Read a private half; TypeError where it is of another kind."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("The push key is no elliptic curve's: make the stack's key anew.")
    return key


def to_base64url(raw: bytes) -> str:
    """Write bytes without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Read bytes without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@lru_cache(ORIGINS_KEPT)
def _endpoint(origin: str) -> Endpoint:
    return Endpoint(origin, READ_TIMEOUT)
