"""Throttles of API Gateway: which request, callback and new connection an account's quotas let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.apis.resources import Stage
    from localcloud.interfaces import Clock
    from localcloud.settings import AccountQuotas


class TokenBucket:
    """Refills at ``rate`` tokens a second, holds ``burst`` at most, begins full."""

    __slots__ = ("_tokens", "_updated_at", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Begin full at ``now``, in seconds since the epoch."""
        self.rate = rate
        self.burst = burst
        self._tokens = float(burst)
        self._updated_at = now

    def take(self, now: float) -> bool:
        """Take one token; False where there is none. A clock that was set back refills nothing."""
        elapsed = now - self._updated_at
        self._updated_at = now
        tokens = self._tokens
        if elapsed > 0:
            tokens += elapsed * self.rate
            if tokens > self.burst:  # noqa: PLR1730 - min() takes longer than all the rest, for every message
                tokens = self.burst
        if tokens < 1:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1
        return True


class Throttles:
    """The account's throttles and, below them, those that stages set for their routes.

    A stage's ``DefaultRouteSettings`` hold for each of its routes by itself; ``RouteSettings`` replace them
    for one route. A request that its route's throttle refuses costs the account nothing.
    """

    def __init__(self, clock: Clock, quotas: AccountQuotas) -> None:
        """Begin with full buckets.

        Args:
            clock: by which buckets refill.
            quotas: the account's.
        """
        self._clock = clock
        now = clock.now()
        self._requests = TokenBucket(quotas.requests_per_second, quotas.request_burst, now)
        # How many connections may come at one instant is not published: here it is those of one second.
        self._connections = TokenBucket(quotas.connections_per_second, quotas.connections_per_second, now)
        self._routes: dict[tuple[str, str, str], tuple[Stage, TokenBucket | None]] = {}

    def admit_request(self, api_id: str, stage: Stage, route_key: str) -> bool:
        """Whether a request to a stage may pass; a False is a 429.

        Args:
            api_id: the API.
            stage: its stage, as the catalog gives it.
            route_key: the route; empty where the request selects none.
        """
        now = self._clock.now()
        known = self._routes.get((api_id, stage.stage_name, route_key))
        bucket = known[1] if known and known[0] is stage else self._bucket(api_id, stage, route_key, now)
        return (bucket is None or bucket.take(now)) and self._requests.take(now)

    def admit_callback(self) -> bool:
        """Whether a call of @connections may pass; a False is a 429."""
        return self._requests.take(self._clock.now())

    def admit_connection(self) -> bool:
        """Whether one more WebSocket connection may begin; a False is a 429."""
        return self._connections.take(self._clock.now())

    def _bucket(self, api_id: str, stage: Stage, route_key: str, now: float) -> TokenBucket | None:
        """The route's bucket under the stage's present settings, as full as it was unless they changed it."""
        key = (api_id, stage.stage_name, route_key)
        settings, default = stage.settings_of(route_key), stage.default_route_settings
        rate = _first(settings.throttling_rate_limit, default.throttling_rate_limit)
        burst = _first(settings.throttling_burst_limit, default.throttling_burst_limit)
        if rate is None and burst is None:
            bucket = None
        else:
            rate = self._requests.rate if rate is None else rate
            burst = self._requests.burst if burst is None else burst
            _, bucket = self._routes.get(key, (stage, None))
            if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
                bucket = TokenBucket(rate, burst, now)
        self._routes[key] = (stage, bucket)
        return bucket


def _first(own: float | None, default: float | None) -> float | None:
    return default if own is None else own
