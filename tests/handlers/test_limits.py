"""Limits: never above rate * time + burst, whichever environments serve; never refused without need."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.adapters import aws as aws_clients
from chat.adapters.limits import LimitsTable
from chat.errors import ChatError
from chat.service.limits import LEASE_MOST, LEASE_SECONDS, Limit, Limiter
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.limits import FakeBuckets
from tests.handlers.support.gateway_events import Person

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

USER = "u"
SLACK = 1e-6
"""Seconds: the clock's resolution."""


@dataclass
class World:
    """Several environments that share their users' buckets, and when they let something pass."""

    limit: Limit
    environments: int = 1
    clock: FakeClock = field(default_factory=FakeClock)
    passed: list[tuple[float, int]] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.buckets = FakeBuckets()
        self.limiters = [Limiter(self.buckets, self.limit, self.clock) for _ in range(self.environments)]

    def try_(self, environment: int = 0, times: int = 1) -> int:
        """Do it so many times; 0 when it was let pass, else the milliseconds to wait."""
        try:
            self.limiters[environment](USER, times)
        except ChatError as refused:
            self.refusals.add(refused.code)
            return refused.retry_after_ms
        self.passed.append((self.clock.now(), times))
        return 0


limits = st.builds(
    Limit, st.just("send"), st.sampled_from([0.05, 0.3, 1.0, 2.0, 7.5, 500.0]), st.integers(1, 200)
)
requests = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(1, 25),
        st.one_of(st.just(0.0), st.floats(0, 2), st.sampled_from([5.0, 59.0, 60.0, 61.0, 300.0])),
    ),
    max_size=120,
)


@settings(max_examples=300)
@given(limits, requests)
def test_no_stretch_of_time_sees_more_than_rate_times_its_length_and_the_burst(
    limit: Limit, wanted: list[tuple[int, int, float]]
) -> None:
    """The ideal bucket, over every stretch, across five environments with leases of their own."""
    world = World(limit, environments=5)
    for environment, times, pause in wanted:
        world.try_(environment, min(times, int(limit.capacity)))
        world.clock.time += pause
    assert world.refusals <= {"too_many_requests"}
    for first, (began, _) in enumerate(world.passed):
        count = 0
        for ended, times in world.passed[first:]:
            count += times
            assert count <= limit.rate * (ended - began + SLACK) + limit.burst


@settings(max_examples=100)
@given(st.sampled_from([0.5, 1.0, 5.0]), st.lists(st.integers(0, 49), min_size=1, max_size=300))
def test_user_who_keeps_to_half_the_rate_is_never_refused_however_many_environments(
    rate: float, served_by: list[int]
) -> None:
    """Leases that lie unused in fifty environments cost nobody what is his."""
    world = World(Limit("send", rate, 100), environments=50)
    for environment in served_by:
        assert world.try_(environment) == 0
        world.clock.time += 2 / rate


@pytest.mark.parametrize("burst", [1, 2, 30, 100])
def test_who_waits_as_long_as_told_is_let_pass(burst: int) -> None:
    """And a moment earlier not: the time is exact."""
    world = World(Limit("send", 0.5, burst))
    for _ in range(1_000):
        if wait := world.try_():
            break
    else:
        pytest.fail("never refused")
    world.clock.time += (wait - 1) / 1_000
    assert world.try_() > 0
    world.clock.time += 0.001
    assert world.try_() == 0


def test_refusal_costs_no_write_until_it_is_over() -> None:
    """Who goes on and on costs nothing but the invocation."""
    world = World(Limit("send", 0.1, 4))
    while not world.try_():
        pass
    writes = world.buckets.writes
    for _ in range(20):
        assert world.try_() > 0
    assert world.buckets.writes == writes


def test_refusal_of_many_does_not_refuse_one() -> None:
    """A frame of 25 that has no room says nothing of a frame of one."""
    world = World(Limit("send", 1.0, 60))
    assert world.try_(times=20) == 0
    assert world.try_(times=25) > 0
    assert world.try_(times=1) == 0


def test_user_of_one_environment_comes_to_cost_one_write_in_ten_times() -> None:
    """Leases grow: 1, 2, 4, 8, 10, 10, ..."""
    world = World(Limit("send", 10.0, 2_000))
    writes = []
    for _ in range(1 + 2 + 4 + 8 + 5 * LEASE_MOST):
        assert world.try_() == 0
        writes.append(world.buckets.writes)
        world.clock.time += 0.1
    assert writes[-1] == 4 + 5
    assert [after - before for before, after in pairwise(writes)].count(1) == writes[-1] - 1


def test_lease_ends_and_what_is_left_of_it_is_lost() -> None:
    """A minute at most, so that what was saved up in environments is no burst of its own."""
    world = World(Limit("send", 1.0, 200))
    for _ in range(4):  # leases of 1 and 2, and one of 4, of which three are left
        world.try_()
    writes = world.buckets.writes
    world.clock.time += LEASE_SECONDS + 0.001
    world.try_()
    assert world.buckets.writes == writes + 1


def test_users_have_buckets_of_their_own() -> None:
    """Who does too much hinders nobody else."""
    world = World(Limit("send", 0.1, 2))
    while not world.try_():
        pass
    world.limiters[0]("another")


@pytest.mark.parametrize(
    ("limit", "route", "body", "query"),
    [
        ("search", "GET /search", None, {"q": "hello"}),
        ("report", "POST /reports", {"chatId": "dm:a:b", "seq": 1, "reason": "spam"}, None),
        ("export", "POST /users/me/export", None, None),
    ],
)
def test_who_has_used_the_limit_up_elsewhere_is_refused_at_the_entry(
    parley: Parley, limit: str, route: str, body: dict[str, object] | None, query: dict[str, str] | None
) -> None:
    """Nothing is done but to see that there is nothing left; another user is not hindered."""
    alice, bob = Person("alice"), Person("bob")
    now = int(time.time() * 1_000_000)
    hour = 3_600 * 1_000_000
    buckets = LimitsTable(aws_clients.dynamodb(), "limits")
    assert buckets.take(f"{limit}#{alice.user_id}", hour, now, hour) is None
    parley.request(alice, "GET /users/me")
    parley.aws.reset()
    status, answer = parley.request(alice, route, body, query=query)
    assert (status, answer["error"]["code"]) == (429, "too_many_requests")
    assert parley.aws.operations() == []
    assert parley.request(bob, route, body, query=query)[0] != 429


@pytest.mark.parametrize("text", ["", "1", "x/1", "1/x", "0/5", "-1/5", "1/0"])
def test_limit_that_lets_nothing_pass_or_is_none_is_refused(text: str) -> None:
    """A function with a wrong setting does not start."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong
        Limit.parse("send", text)
