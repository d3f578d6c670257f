"""Which points the rules strike: seeded, counted, expiring, and nothing after they are cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.faults.engine import STRIKES_KEPT, FaultRules
from localcloud.faults.rules import InvalidRules, Rule, Scenario
from localcloud.interfaces import FaultEffect, FaultPoint
from tests.localcloud.faults.faults_fakes import StandingClock

if TYPE_CHECKING:
    from collections.abc import Iterable

PUT = FaultPoint("dynamodb", "PutItem", "Messages")
GET = FaultPoint("dynamodb", "GetItem", "Chats")
POINTS = st.sampled_from(
    [
        PUT,
        GET,
        FaultPoint("dynamodb", "PutItem", "Chats"),
        FaultPoint("lambda", "Invoke", "SendMessage"),
        FaultPoint("execute-api", "SendMessage", "api", "c1"),
    ]
)
RULES = st.builds(
    Rule,
    service=st.just("dynamodb"),
    operation=st.sampled_from(["PutItem", "GetItem", "*Item"]),
    effect=st.sampled_from([FaultEffect.ERROR, FaultEffect.THROTTLE]),
    resource=st.sampled_from(["*", "Messages", "C*"]),
    rate=st.floats(0, 1),
    after=st.integers(0, 5),
    count=st.none() | st.integers(1, 5),
    seed=st.integers(0, 2**32),
)
SCENARIOS = st.builds(
    Scenario, rules=st.lists(RULES, min_size=1, max_size=4).map(tuple), seed=st.integers(0, 2**32)
)


def engine(*rules: Rule, seed: int | None = 1) -> FaultRules:
    """An engine with rules on."""
    faults = FaultRules(StandingClock())
    faults.add(Scenario(rules, seed))
    return faults


def struck(faults: FaultRules, points: Iterable[FaultPoint]) -> list[str]:
    """Which rule struck each point."""
    return [fault.rule if (fault := faults.strike(point)) else "" for point in points]


def put_fails(
    *, rate: float = 1.0, after: int = 0, count: int | None = None, seed: int | None = None, rule_id: str = ""
) -> Rule:
    """A rule of failing puts."""
    return Rule(
        "dynamodb", "PutItem", FaultEffect.ERROR, rate=rate, after=after, count=count, seed=seed, id=rule_id
    )


@given(scenario=SCENARIOS, points=st.lists(POINTS, max_size=60))
def test_strikes_of_the_same_scenario_over_the_same_points_are_the_same(
    scenario: Scenario, points: list[FaultPoint]
) -> None:
    """So a failure replays: from the scenario, and from the rules as they were listed."""
    first, second = engine(*scenario.rules, seed=scenario.seed), FaultRules(StandingClock())
    listed = tuple(active.rule for active in first.describe())
    second.add(Scenario(listed))
    assert struck(first, points) == struck(second, points)
    assert first.strikes() == second.strikes()


@given(
    seed=st.integers(0, 2**32),
    others=st.lists(RULES, max_size=3),
    points=st.lists(POINTS, max_size=60),
)
def test_decisions_of_a_rule_do_not_depend_on_the_rules_after_it(
    seed: int, others: list[Rule], points: list[FaultPoint]
) -> None:
    """Only the seed and the number of the match decide."""
    mine = put_fails(rate=0.5, seed=seed, rule_id="mine")
    alone = struck(engine(mine), points)
    among = struck(engine(mine, *others), points)
    assert [name == "mine" for name in among] == [name == "mine" for name in alone]


@given(rate=st.floats(0, 1), after=st.integers(0, 20), count=st.integers(1, 20), seed=st.integers())
def test_count_is_never_exceeded_and_the_first_are_let_pass(
    rate: float, after: int, count: int, seed: int
) -> None:
    """Whatever the rate."""
    faults = engine(put_fails(rate=rate, after=after, count=count, seed=seed))
    hits = struck(faults, [PUT] * 100)
    assert sum(map(bool, hits)) <= count
    assert not any(hits[:after])
    assert faults.armed == (sum(map(bool, hits)) < count)
    if rate == 1:
        assert all(hits[after : after + count])


@given(rate=st.sampled_from([0.05, 0.3, 0.5, 0.9]), seed=st.integers(0, 2**32))
def test_rate_is_about_what_strikes(rate: float, seed: int) -> None:
    """Over 2,000 matches the share is within five standard deviations."""
    hits = sum(map(bool, struck(engine(put_fails(rate=rate, seed=seed)), [PUT] * 2_000)))
    assert abs(hits - 2_000 * rate) < 5 * (2_000 * rate * (1 - rate)) ** 0.5


@pytest.mark.parametrize(("rate", "hits"), [(0.0, 0), (1.0, 100)])
def test_rate_at_its_bounds_is_certain(rate: float, hits: int) -> None:
    """0 never strikes, 1 always."""
    assert sum(map(bool, struck(engine(put_fails(rate=rate)), [PUT] * 100))) == hits


@given(scenario=SCENARIOS, points=st.lists(POINTS, min_size=1, max_size=20))
def test_cleared_rules_never_strike(scenario: Scenario, points: list[FaultPoint]) -> None:
    """All off is off, and nobody needs to ask."""
    faults = engine(*scenario.rules)
    faults.clear()
    assert not faults.armed
    assert not any(struck(faults, points))
    assert faults.describe() == ()


@given(lasts=st.floats(0.001, 86_400), beyond=st.floats(0, 1e6))
def test_expired_rule_never_strikes(lasts: float, beyond: float) -> None:
    """It is over by itself, and no longer listed."""
    clock = StandingClock()
    faults = FaultRules(clock)
    rule = Rule("dynamodb", "PutItem", FaultEffect.ERROR, expires_in_seconds=lasts)
    faults.add(Scenario((rule,)))
    assert faults.strike(PUT) is not None
    clock.time += lasts + beyond
    assert faults.strike(PUT) is None
    assert not faults.armed
    assert faults.describe() == ()


def test_first_rule_that_strikes_decides() -> None:
    """The others have matched all the same."""
    faults = engine(put_fails(count=1, rule_id="first"), put_fails(rule_id="second"))
    assert struck(faults, [PUT, PUT, GET]) == ["first", "second", ""]
    (second,) = faults.describe()
    assert (second.rule.id, second.matched, second.struck) == ("second", 2, 1)


@pytest.mark.parametrize(
    ("point", "strikes"),
    [
        (FaultPoint("execute-api", "SendMessage", "api1", "c1"), True),
        (FaultPoint("execute-api", "SendMessage", "api2", "c1"), False),
        (FaultPoint("execute-api", "SendMessage", "api1", "c2"), False),
        (FaultPoint("execute-api", "PostToConnection", "api1", "c1"), False),
    ],
    ids=["all match", "another API", "another connection", "an operation that cannot drop"],
)
def test_rule_strikes_where_all_of_it_matches(point: FaultPoint, strikes: bool) -> None:
    """Service, operation, resource and connection."""
    rule = Rule("execute-api", "*", FaultEffect.DROP, resource="api1", connection_id="c1")
    assert bool(engine(rule).strike(point)) is strikes


def test_removed_rule_leaves_the_others_on() -> None:
    """One by its id; a second time there is none."""
    faults = engine(put_fails(rule_id="one"), put_fails(rule_id="two"))
    assert faults.remove("one")
    assert not faults.remove("one")
    assert struck(faults, [PUT]) == ["two"]
    assert faults.remove("two")
    assert not faults.armed


def test_id_in_use_turns_none_of_the_scenario_on() -> None:
    """All or none."""
    faults = engine(put_fails(rule_id="one"))
    with pytest.raises(InvalidRules, match="'one' already"):
        faults.add(Scenario((put_fails(rule_id="two"), put_fails(rule_id="one"))))
    assert [active.rule.id for active in faults.describe()] == ["one"]


def test_strikes_kept_are_bounded_and_numbered() -> None:
    """Only the last are kept; their numbers tell that there were more."""
    faults = engine(put_fails())
    for _ in range(STRIKES_KEPT + 5):
        faults.strike(PUT)
    strikes = faults.strikes()
    assert (len(strikes), strikes[0].number, strikes[-1].number) == (STRIKES_KEPT, 6, STRIKES_KEPT + 5)
