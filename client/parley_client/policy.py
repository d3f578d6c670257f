"""Every number the session decides by: timeouts, delays, sizes; and full jitter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable


class Policy(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Settings of a session. Durations are in seconds, sizes in bytes."""

    request_timeout: float = 10.0
    """A request unanswered for so long is repeated (a query fails) and the connection is probed."""
    ping_interval: float = 240.0
    """Below API Gateway's idle timeout of 10 minutes."""
    pings_per_listing: int = 4
    """With every so many-th ping of a connection the chats are listed, which shows lost pushes: rare, and a
    listing is the dearest thing that a client asks for (docs/scale.md)."""
    pong_timeout: float = 10.0
    """Silence after a ping for so long means that the connection is dead."""
    gap_patience: float = 0.2
    """How long an early message waits for its predecessor before the session fetches what is missing."""
    reconnect_base: float = 0.5
    reconnect_cap: float = 30.0
    steady_after: float = 5.0
    """A connection that lasts so long ends a row of failures. As often a user may connect in the long run:
    the service's `ConnectLimit` is 0.2 a second."""
    retry_base: float = 0.2
    retry_cap: float = 10.0
    connection_lifetime: float = 7200.0
    """API Gateway closes a connection after 2 hours; a new one is opened well before."""
    drain_timeout: float = 10.0
    """How long a replaced connection may still wait for answers."""
    frame_bytes: int = 28_000
    """API Gateway closes the connection on a frame above 32 KB; texts of one frame stay below this."""
    frame_messages: int = 25
    sync_chats: int = 50
    """Chats asked for in one sync frame; the service takes up to 100."""
    receipt_interval: float = 1.0
    """At most one frame a chat in so long tells how far this user holds and has read it."""
    typing_interval: float = 4.0
    """At most one frame a chat in so long tells that this user is writing."""
    typing_lifetime: float = 6.0
    """For so long another member is shown as writing, counted from the arrival: clocks differ."""
    query_attempts: int = 5
    """How often a query is asked when the service cannot answer it for the moment."""
    backlog: int | None = None
    """Of a chat met for the first time, how many of its latest messages are received; None: all."""


class Delays:
    """Random delays, in seconds.

    Retries use full jitter, which spreads the clients that one outage cut off together (AWS architecture
    blog, "Exponential backoff and jitter").
    """

    def __init__(self, policy: Policy, random: Callable[[], float]) -> None:
        """Draw from `random`, which returns numbers from [0, 1)."""
        self._policy = policy
        self._random = random

    def before_reconnect(self, attempt: int, least: float = 0.0) -> float:
        """Return how long to wait, `least` at any rate, before connecting after `attempt` failures."""
        return least + self._full_jitter(self._policy.reconnect_base, self._policy.reconnect_cap, attempt)

    def before_retry(self, attempt: int, retry_after_ms: int | None = None) -> float:
        """Return how long to wait before repeating a request after `attempt` failures in a row.

        Never less than the service has asked for.
        """
        least = (retry_after_ms or 0) / 1_000
        return least + self._full_jitter(self._policy.retry_base, self._policy.retry_cap, attempt)

    def before_renewal(self, expires_in: float | None) -> float:
        """Return when to open a connection's successor: staggered, so that those who came together part."""
        lifetime = self._policy.connection_lifetime
        if expires_in is not None:
            lifetime = min(lifetime, expires_in)
        return max(0.5, lifetime * (0.7 + 0.2 * self._random()))

    def _full_jitter(self, base: float, cap: float, attempt: int) -> float:
        return self._random() * min(cap, base * 2.0 ** min(attempt, 32))
