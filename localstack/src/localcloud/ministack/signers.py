"""Verifies the signatures of those whom MiniStack has verified before, for a fraction of the time.

Nobody is refused here: whatever is not a usual, valid signature of a known signer is left to MiniStack.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ministack.core import sigv4

if TYPE_CHECKING:
    from localcloud.interfaces import Request

_SIGNED: Final = re.compile(
    rb"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/"
    rb"(?P<scope>(?P<day>\d{8})/[a-z0-9-]+/[a-z0-9-]+/aws4_request), ?"
    rb"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_FRESH_SECONDS: Final = 240
"""Below the five minutes that AWS's strictest services allow."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A verified access key."""

    access_key_id: str
    secret_access_key: str
    account_id: str
    """Whose resources its requests name."""
    expires_at: float | None
    """Seconds since the epoch, of a session."""


Signers = Mapping[tuple[bytes, bytes], Signer]
"""By access key id and session token, which is empty where there is none."""


def signer_of(request: Request, signers: Signers) -> tuple[Signer, str] | None:
    """Who has signed a request, and for which region; None where MiniStack has to say."""
    headers = dict(request.headers)
    found = _SIGNED.fullmatch(headers.get(b"authorization", b""))
    if found is None or request.query_string or len(headers) != len(request.headers):
        return None
    signer = signers.get((found["key"], headers.get(b"x-amz-security-token", b"")))
    moment = headers.get(b"x-amz-date", b"")
    if signer is None or b"x-amz-content-sha256" in headers or moment[:8] != found["day"]:
        return None
    now = time.time()
    if abs(now - _seconds(moment)) > _FRESH_SECONDS or (signer.expires_at or now) < now:
        return None
    signature = _signature(request, headers, found["headers"], found["scope"], moment, signer)
    if signature is None or not hmac.compare_digest(signature.encode(), found["signature"]):
        return None
    return signer, found["scope"].split(b"/")[1].decode()


def _signature(
    request: Request,
    headers: Mapping[bytes, bytes],
    signed: bytes,
    scope: bytes,
    moment: bytes,
    signer: Signer,
) -> str | None:
    """The signature that the request ought to have; None where its path is not canonical."""
    path = request.raw_path
    if b"//" in path or b"/." in path:
        return None
    lines = [name + b":" + b" ".join(headers.get(name, b"").split()) for name in signed.split(b";")]
    digest = sha256(request.body).hexdigest().encode()
    encoded = quote(path, safe="/~").encode()
    canonical = b"\n".join((request.method.encode(), encoded, b"", *lines, b"", signed, digest))
    text = b"\n".join((b"AWS4-HMAC-SHA256", moment, scope, sha256(canonical).hexdigest().encode()))
    day, region, service, _ = scope.decode().split("/")
    key = sigv4.derive_signing_key(signer.secret_access_key, day, region, service)
    return hmac.digest(key, text, "sha256").hex()


@lru_cache(maxsize=64)
def _seconds(moment: bytes) -> float:
    """X-Amz-Date as seconds since the epoch; never where it is none."""
    try:
        return datetime.strptime(moment.decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return float("-inf")
