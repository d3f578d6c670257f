"""Where notifications go: a browser's subscription, and the push services that may have it. Pure, no I/O."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBSCRIPTION_LIMIT = 5
"""Subscriptions of one user."""
_ANY_HOST = "https://*"

PushEndpoint = Annotated[
    str, Meta(min_length=1, max_length=1_000, pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?/[!-~]*\Z")
]
"""A URL that needs no further care: no user, no capitals in its host, nothing that ends a line or a word."""
PublicKey = Annotated[str, Meta(pattern=r"^B[A-Za-z0-9_-]{86}\Z")]
"""An uncompressed point of P-256, in base64url."""
AuthSecret = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]
"""16 bytes, in base64url."""
SubscriptionId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""Of a subscription: half of its endpoint's SHA-256."""


class Subscription(msgspec.Struct, frozen=True, rename="camel"):
    """A browser that wants notifications, as its Push API describes it."""

    endpoint: PushEndpoint
    p256dh: PublicKey
    auth: AuthSecret

    @property
    def id(self) -> str:
        """The same for the same endpoint, so that subscribing twice is subscribing once."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()[:32]


class PushServices:
    """The origins that notifications are sent to, and no other: users name what the stack calls.

    An origin is `https://host`, `https://*.domain` for all hosts below a domain, or a loopback one with its
    port, which only tests have.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        """Trust these."""
        origins = set(origins)
        self._origins = {origin for origin in origins if not origin.startswith(_ANY_HOST)}
        self._domains = tuple(
            origin.removeprefix(_ANY_HOST) for origin in origins if origin.startswith(_ANY_HOST)
        )

    @classmethod
    def parse(cls, text: str) -> PushServices:
        """Read origins, separated by commas."""
        return cls(text.split(","))

    def have(self, endpoint: str) -> bool:
        """Whether an endpoint is at one of them."""
        origin = origin_of(endpoint)
        return origin in self._origins or (
            bool(self._domains) and origin.startswith("https://") and origin.endswith(self._domains)
        )


def origin_of(endpoint: str) -> str:
    """Cut an endpoint's path off."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"
