"""Token buckets of the account, of stages and of routes, on a clock that stands still."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from localcloud.apis.resources import RouteSettings, Stage
from localcloud.apis.throttling import Throttles, TokenBucket
from localcloud.errors import LocalcloudError
from localcloud.settings import AccountQuotas
from tests.localcloud.apis.apis_fakes import FakeClock

GENEROUS = AccountQuotas(requests_per_second=1000, request_burst=1000)
FREE = Stage("dev")


def admitted(throttles: Throttles, stage: Stage, route_key: str, requests: int) -> int:
    """How many of so many requests at one instant pass."""
    return sum(throttles.admit_request("abc123", stage, route_key) for _ in range(requests))


def test_account_burst_is_aws_and_refills_at_its_rate() -> None:
    """5,000 requests at once, then 10,000 a second; the bucket never holds more than the burst."""
    clock = FakeClock()
    throttles = Throttles(clock, AccountQuotas())
    assert admitted(throttles, FREE, "send", 6000) == 5000
    clock.time += 0.25
    assert admitted(throttles, FREE, "send", 6000) == 2500
    clock.time += 60
    assert admitted(throttles, FREE, "send", 6000) == 5000


def test_account_bucket_is_shared_by_requests_and_callbacks() -> None:
    """A callback takes what a request could have had."""
    throttles = Throttles(FakeClock(), AccountQuotas(requests_per_second=1, request_burst=2))
    assert throttles.admit_callback()
    assert throttles.admit_request("other", Stage("prod"), "$default")
    assert not throttles.admit_request("abc123", FREE, "send")
    assert not throttles.admit_callback()


def test_stage_default_holds_for_each_route_by_itself() -> None:
    """One route's traffic does not take another's tokens."""
    stage = Stage("dev", default_route_settings=RouteSettings(2, 3))
    clock = FakeClock()
    throttles = Throttles(clock, GENEROUS)
    assert admitted(throttles, stage, "send", 10) == 3
    assert admitted(throttles, stage, "list", 10) == 3
    clock.time += 1
    assert admitted(throttles, stage, "send", 10) == 2


def test_route_settings_replace_the_stage_default() -> None:
    """The named route has its own limit; what it leaves out is the default's."""
    own = {"send": RouteSettings(throttling_burst_limit=5), "closed": RouteSettings(0, 0)}
    stage = Stage("dev", default_route_settings=RouteSettings(1, 2), route_settings=own)
    clock = FakeClock()
    throttles = Throttles(clock, GENEROUS)
    assert admitted(throttles, stage, "send", 10) == 5
    assert admitted(throttles, stage, "list", 10) == 2
    assert admitted(throttles, stage, "closed", 10) == 0
    clock.time += 1
    assert admitted(throttles, stage, "send", 10) == 1


def test_request_that_its_route_refuses_costs_the_account_nothing() -> None:
    """A throttled route cannot starve the others."""
    stage = Stage("dev", route_settings={"send": RouteSettings(1, 1)})
    throttles = Throttles(FakeClock(), AccountQuotas(requests_per_second=1, request_burst=3))
    assert admitted(throttles, stage, "send", 10) == 1
    assert admitted(throttles, stage, "list", 10) == 2


def test_stage_read_again_keeps_its_buckets_until_its_limits_change() -> None:
    """A deployment of something else does not refill; a new limit begins full."""
    throttles = Throttles(FakeClock(), GENEROUS)

    def stage(burst: int) -> Stage:
        return Stage("dev", default_route_settings=RouteSettings(1, burst))

    assert admitted(throttles, stage(2), "send", 5) == 2
    assert admitted(throttles, stage(2), "send", 5) == 0
    assert admitted(throttles, stage(4), "send", 5) == 4
    assert admitted(throttles, FREE, "send", 5) == 5


def test_connections_are_500_a_second() -> None:
    """New connections have a quota of their own."""
    clock = FakeClock()
    throttles = Throttles(clock, AccountQuotas())
    assert sum(throttles.admit_connection() for _ in range(600)) == 500
    clock.time += 0.5
    assert sum(throttles.admit_connection() for _ in range(600)) == 250


@given(
    rate=strategies.integers(1, 100),
    burst=strategies.integers(1, 50),
    waits=strategies.lists(strategies.integers(0, 16), max_size=200),
)
def test_bucket_never_lets_more_pass_than_its_burst_and_its_rate(
    rate: int, burst: int, waits: list[int]
) -> None:
    """Over any time from its start; and nobody waits for a token longer than one takes to come."""
    now = 0.0
    bucket = TokenBucket(rate, burst, now)
    passed = 0
    for sixteenths in waits:
        now += sixteenths / 16
        taken = bucket.take(now)
        passed += taken
        assert passed <= burst + rate * now
        assert taken or sixteenths * rate < 16


def test_clock_that_is_set_back_refills_nothing() -> None:
    """Time that runs again gives no token twice."""
    clock = FakeClock()
    throttles = Throttles(clock, AccountQuotas(requests_per_second=1, request_burst=1))
    assert throttles.admit_callback()
    clock.time -= 100
    assert not throttles.admit_callback()
    clock.time += 1
    assert throttles.admit_callback()


def test_quotas_are_awss_unless_the_environment_names_others() -> None:
    """Each by a variable of its own."""
    assert AccountQuotas.from_environment({}) == AccountQuotas(10_000, 5_000, 500)
    named = {"LOCALCLOUD_CONNECTIONS_PER_SECOND": "20000", "LOCALCLOUD_REQUEST_BURST": "7"}
    assert AccountQuotas.from_environment(named) == AccountQuotas(10_000, 7, 20_000)


@pytest.mark.parametrize("text", ["many", "0", "-1", "1.5"])
def test_quota_that_is_no_number_says_which_variable_to_correct(text: str) -> None:
    """It would otherwise throttle everything, or nothing."""
    with pytest.raises(LocalcloudError, match=r"LOCALCLOUD_REQUESTS_PER_SECOND is .* correct it"):
        AccountQuotas.from_environment({"LOCALCLOUD_REQUESTS_PER_SECOND": text})
