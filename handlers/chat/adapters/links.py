"""Links that open a file for a while: CloudFront's signed URLs, and the keys that sign them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.ports.keys import LinkKey

KEY_BITS = 2_048
"""The only length that CloudFront takes."""


class RsaKeyPairs:
    """Serves `ports.KeyPairs`."""

    def make(self) -> str:
        """Make a pair; its private half, as PEM."""
        return _private_pem(rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS))

    def public_half(self, private: str) -> str:
        """The public half, as PEM, of a private half."""
        return (
            _load(private)
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


class CloudFrontLinks:
    """Serves `ports.MediaLinks`."""

    def __init__(self, url: str, key: Callable[[], LinkKey]) -> None:
        """Sign for the distribution at `url`, which has no path, by the `key` of the moment."""
        self._url = url
        self._key = key

    def sign(self, key: str, expires_at: int) -> str:
        """Make the file's link, good until `expires_at`, in seconds since the epoch."""
        link: str = self._signer().generate_presigned_url(
            f"{self._url}/{key}", date_less_than=datetime.fromtimestamp(expires_at, UTC)
        )
        return link

    def sign_all(self, pattern: str, expires_at: int) -> str:
        """Make the link to all files whose keys fit a pattern: it opens each in place of the `*`."""
        url, signer = f"{self._url}/{pattern}", self._signer()
        policy = signer.build_policy(url, datetime.fromtimestamp(expires_at, UTC))
        link: str = signer.generate_presigned_url(url, policy=policy)
        return link

    def _signer(self) -> CloudFrontSigner:
        key = self._key()
        private = _load(key.private_key)

        def sign(policy: bytes) -> bytes:
            return private.sign(policy, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - what CloudFront verifies

        return CloudFrontSigner(key.key_id, sign)


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@lru_cache(maxsize=2)  # the current key and the previous; to read one takes longer than to sign by it
def _load(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("The signing key is not RSA's: make the stack's key anew.")
    return key
