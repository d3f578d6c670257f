"""Signs requests with AWS's Signature Version 4, as the function's role.

Botocore signs alike, and importing it takes longer than a cold start without it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import os
import time
from functools import cache, lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """What requests are signed with."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""


@cache
def role_credentials() -> Credentials:
    """Those of the function's role, which Lambda puts into the environment and leaves as they are."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return Credentials(*(os.environ.get(name, "") for name in names))


class Signer:
    """Signs for one service of one region."""

    def __init__(self, service: str, region: str, credentials: Credentials) -> None:
        """Sign for the service, by the name that AWS gives it in signatures."""
        self._service = service
        self._region = region
        self._credentials = credentials

    def sign(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        """Add what proves who asks; every header that is there, `host` among them, becomes part of the proof.

        Args:
            method: the HTTP method.
            path: the path as it is sent, percent-encoded; a request that is signed here has no query.
            headers: by name in lower case.
            body: the body whole.
        """
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers["x-amz-date"] = moment
        if self._credentials.session_token:
            headers["x-amz-security-token"] = self._credentials.session_token
        names = sorted(headers)
        signed = ";".join(names)
        lines = [f"{name}:{headers[name]}" for name in names]
        digest = sha256(body).hexdigest()
        # The path is encoded once more: every service but S3 wants it so.
        canonical = "\n".join((method, quote(path, safe="/~"), "", *lines, "", signed, digest))
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        text = f"{_ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = _signing_key(self._credentials.secret_access_key, scope)
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        credential = f"{self._credentials.access_key_id}/{scope}"
        headers["authorization"] = (
            f"{_ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"
        )


@lru_cache(maxsize=8)
def _signing_key(secret: str, scope: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
