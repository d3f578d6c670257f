"""An authenticator app: the codes of a secret, each for 30 seconds (RFC 6238)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from typing import Final

_STEP: Final = 30
"""Seconds that a code is shown for."""


class Authenticator:
    """Shows the codes of one secret, none twice."""

    def __init__(self, secret: str) -> None:
        """Take the secret, in Base32."""
        self._key = base64.b32decode(secret)
        self._last = 0

    def code(self) -> str:
        """The code of this step; where it was given before, the next one's, which is taken already."""
        self._last = max(int(time.time() // _STEP), self._last + 1)
        return self.at(self._last)

    def at(self, step: int) -> str:
        """The code of a step: six digits."""
        digest = hmac.digest(self._key, struct.pack(">Q", step), hashlib.sha1)
        offset = digest[-1] & 0x0F
        (number,) = struct.unpack_from(">I", digest, offset)
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"
