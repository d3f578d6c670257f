"""The public keys of token issuers, fetched when first needed and again when an issuer rotates them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.interfaces import Clock, ControlPlane

# AWS keeps an issuer's keys for up to two hours.
_KEEP_SECONDS = 7200.0
# An unknown key id may mean that the issuer has rotated its keys, or that somebody makes ids up.
_ROTATION_SECONDS = 10.0
# How long each of an issuer's two documents may take.
_FETCH_SECONDS = 1.5


class KeysUnavailableError(Exception):
    """An issuer's keys cannot be had."""


@dataclass(frozen=True, slots=True)
class _KeySet:
    keys: Mapping[str, jwt.PyJWK]
    fetched_at: float


class Keys:
    """Finds the key that a token says it is signed with."""

    def __init__(self, control_plane: ControlPlane, clock: Clock) -> None:
        """Ask the control plane for this account's own issuers, and the web for the others."""
        self._control_plane = control_plane
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}

    async def find(self, issuer: str, key_id: str) -> jwt.PyJWK | None:
        """The issuer's key with this id, or None when it has none such.

        Raises:
            KeysUnavailableError: when the issuer does not answer with a key set.
        """
        known = self._sets.get(issuer)
        now = self._clock.now()
        if known and key_id in known.keys and now - known.fetched_at < _KEEP_SECONDS:
            return known.keys[key_id]
        own = await self._control_plane.jwks(issuer)
        if own is None and known and now - known.fetched_at < _ROTATION_SECONDS:
            return None
        key_set = own if own is not None else await _fetch(issuer)
        self._sets[issuer] = _KeySet(_parsed(key_set), now)
        return self._sets[issuer].keys.get(key_id)


def _parsed(key_set: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The RSA keys of a key set; API Gateway knows no other algorithm."""
    return {
        key["kid"]: jwt.PyJWK(key, algorithm="RS256") for key in key_set["keys"] if key.get("kty") == "RSA"
    }


async def _fetch(issuer: str) -> Mapping[str, Any]:
    """The key set that the issuer's OpenID configuration names."""
    try:
        async with httpx.AsyncClient(timeout=_FETCH_SECONDS, follow_redirects=True) as client:
            configuration = await client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            key_set = await client.get(configuration.raise_for_status().json()["jwks_uri"])
            keys: Mapping[str, Any] = key_set.raise_for_status().json()
            return keys
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        raise KeysUnavailableError(f"The keys of the issuer {issuer} cannot be read: {error}") from error
