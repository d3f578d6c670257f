"""The keys that sign browsers' cookies: nothing but secrets of ours, good as long as they are kept."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chat.service.rotation import RotationError

if TYPE_CHECKING:
    from collections.abc import Collection

_KEY_BYTES = 32
_LENGTH = 43
"""Characters that a key has at least, for those bytes."""


class CookieKeys:
    """Serves `rotation.Rotated`."""

    def make(self) -> str:
        """Make a key."""
        return secrets.token_urlsafe(_KEY_BYTES)

    def test(self, text: str) -> None:
        """Raise RotationError where a key is too short to keep anybody from guessing it."""
        if len(text) < _LENGTH:
            raise RotationError(f"A key of {len(text)} characters is too short: rotate the secret once more.")

    def keep(self, texts: Collection[str]) -> None:
        """Nothing knows a key but the secret itself."""
