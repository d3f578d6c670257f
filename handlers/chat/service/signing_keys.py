"""A key pair of the stack: made once, its private half a secret, its public half whoever's verifies by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.ports.keys import KeyPairs, Secrets


class SigningKeys:
    """Key pairs by the names of the secrets that hold their private halves."""

    def __init__(self, pairs: KeyPairs, secrets: Secrets) -> None:
        """Keep the private halves of `pairs` in `secrets`."""
        self._pairs = pairs
        self._secrets = secrets

    def create(self, name: str) -> str:
        """Make a pair, unless an earlier attempt has; its public half."""
        self._secrets.add(name, self._pairs.make())
        return self._pairs.public_half(self._secrets.get(name))

    def delete(self, name: str) -> None:
        """Forget a pair."""
        self._secrets.remove(name)
