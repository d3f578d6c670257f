"""The scenarios as the run conducts them: who is in which chat, and what the course does as time goes on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError
from loadtest.budget import estimate, refuse_expensive
from loadtest.history import Kind
from loadtest.meter import Meter
from loadtest.scenarios import SCENARIOS, scenario_named
from loadtest.scenarios.scenario import groups, pairs
from loadtest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtest.scenarios.scenario import Scenario


class FakeRun:
    """A run whose clock goes on by a second at each step, on a service with a capacity."""

    def __init__(self, settings: Settings, capacity: float = 1e9) -> None:
        """Answer in 20 ms up to `capacity` messages a second, and in two seconds beyond."""
        self.settings = settings
        self.findings: dict[str, object] = {}
        self.told: Counter[str] = Counter()
        self.told_at: dict[str, float] = {}
        self.now = 1_000.0
        self.window = Meter()
        self.rates: list[float] = []
        self.cues: list[str] = []
        self.on_cue: Callable[[str], None] = lambda _: None
        self._capacity = capacity

    @property
    def elapsed(self) -> float:
        """Seconds since sending began."""
        return self.now - 1_000.0

    def new_window(self) -> None:
        """Forget what was measured."""
        self.window = Meter()

    def cue(self, cue: str) -> None:
        """Give users a cue."""
        self.cues.append(cue)
        self.on_cue(cue)

    def set_rate(self, rate: float) -> None:
        """Have so much sent."""
        self.rates.append(rate)

    def hear(self, what: str, count: int) -> None:
        """Be told something by so many users."""
        self.told[what] += count
        self.told_at[what] = self.now

    def perform(self) -> None:
        """Go through the scenario's course."""
        for _ in scenario_named(self.settings.scenario).course(self):
            self.now += 1.0
            if self.rates:
                self._measure(self.rates[-1])
            assert self.elapsed < 10_000, "the course does not end"

    def _measure(self, rate: float) -> None:
        for kind in (Kind.ACK, Kind.DELIVERED):
            microseconds = 20_000 if rate <= self._capacity else 2_000_000
            self.window.row(kind).times.record_value(microseconds, round(min(rate, self._capacity)))


@given(st.integers(2, 300))
def test_pairs_give_everybody_somebody_to_write_to(users: int) -> None:
    """With an odd number, somebody has two."""
    chats = pairs(users)
    assert {member for chat in chats for member in chat.members} == set(range(users))
    assert all(len(set(chat.members)) == 2 for chat in chats)


@given(st.integers(3, 256), st.integers(0, 600))
def test_groups_have_their_size_and_nobody_is_left_over(size: int, more: int) -> None:
    """Everybody is in one group; only the last may be larger."""
    chats = groups(size + more, size)
    assert [member for chat in chats for member in chat.members] == list(range(size + more))
    assert all(len(chat.members) == size for chat in chats[:-1])
    assert size <= len(chats[-1].members) < 2 * size


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario_has_chats_for_its_users_and_a_cost(scenario: Scenario) -> None:
    """Every scenario can be prepared, and its cost on AWS be estimated."""
    name = scenario.name
    found = scenario_named(name)
    wanted = found.complete(Settings(scenario=name, users=20))
    assert {number for chat in found.chats(wanted) for number in chat.members} == set(range(20))
    assert any(found.writes(number, wanted) for number in range(20))
    assert estimate(wanted) > 0


def test_unknown_scenario_is_refused_with_those_that_there_are() -> None:
    """The sentence says what to choose from."""
    with pytest.raises(HarnessError, match="direct, group"):
        scenario_named("tsunami")


@pytest.mark.parametrize("size", [2, 257])
def test_group_that_the_service_would_not_take_is_refused(size: int) -> None:
    """Before anything is made."""
    with pytest.raises(HarnessError, match="3 to 256"):
        scenario_named("group").complete(Settings(scenario="group", users=300, size=size))


def test_soak_refuses_a_rate() -> None:
    """People who are away do not write by the clock."""
    with pytest.raises(HarnessError, match="--rate"):
        scenario_named("soak").complete(Settings(scenario="soak", rate=5.0))


@settings(max_examples=20)
@given(st.floats(12.0, 3_000.0))
def test_ramp_finds_the_capacity_of_a_service(capacity: float) -> None:
    """By doubling and halving, to a tenth; what lies above was tried and was too much."""
    wanted = scenario_named("ramp").complete(Settings(scenario="ramp", duration=9_000.0, step=5.0))
    run = FakeRun(wanted, capacity)
    run.perform()
    knee = run.findings["knee"]
    assert isinstance(knee, float)
    assert capacity / 1.11 <= knee <= capacity + 1
    assert run.findings["narrow"] is True


def test_ramp_that_has_no_time_left_says_so() -> None:
    """The best rate so far is not the knee."""
    wanted = scenario_named("ramp").complete(Settings(scenario="ramp", duration=30.0, step=5.0))
    run = FakeRun(wanted, capacity=1e6)
    run.perform()
    assert run.findings["narrow"] is False
    assert run.elapsed < 45


def test_ramp_below_whose_first_rate_the_knee_lies_goes_down() -> None:
    """The first step fails: the search goes on beneath it."""
    wanted = scenario_named("ramp").complete(Settings(scenario="ramp", rate=64.0, duration=9_000.0))
    run = FakeRun(wanted, capacity=20.0)
    run.perform()
    assert run.rates[0] == 64.0
    assert run.findings["narrow"] is True
    assert 18 <= float(str(run.findings["knee"])) <= 20.5


def test_storm_cuts_everybody_off_and_waits_until_all_are_back() -> None:
    """Twice in its time, each with how long it took the last."""
    run = FakeRun(Settings(scenario="storm", users=8, rounds=2, duration=30.0))
    run.on_cue = lambda _: run.hear("returned", 8)
    run.perform()
    assert run.cues == ["drop", "drop"]
    assert run.findings["storms"] == [{"users": 8, "back": 8, "seconds": 0.0}] * 2
    assert 30 <= run.elapsed < 32


def test_storm_from_which_somebody_does_not_come_back_goes_on_and_says_so() -> None:
    """The run does not hang on them."""
    run = FakeRun(Settings(scenario="storm", users=8, rounds=1, duration=30.0, stragglers=20.0))
    run.on_cue = lambda _: run.hear("returned", 7)
    run.perform()
    assert run.findings["storms"] == [{"users": 8, "back": 7, "seconds": 0.0}]


def test_backlog_sends_away_writes_and_calls_back_in_turns() -> None:
    """Each only once the users have done the one before."""
    run = FakeRun(Settings(scenario="backlog", users=6, rounds=2, messages=10))
    answers = {"away": ("away",), "write": ("written",), "return": ("returned", "read")}

    def answer(cue: str) -> None:
        for what in answers[cue]:
            run.hear(what, 3)

    run.on_cue = answer
    run.perform()
    assert run.cues == ["away", "write", "return"] * 2
    assert run.findings["returns"] == [{"users": 3, "messages": 10, "seconds": 0.0}] * 2


class FakeProgress:
    """Takes what is said."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.said: list[str] = []

    def say(self, text: str = "") -> None:
        """Keep it."""
        self.said.append(text)


def test_run_beyond_the_budget_is_refused_with_its_cost_unless_agreed() -> None:
    """The estimate is said in any case, and first."""
    dear = Settings(scenario="group", users=5_000, size=250, rate=500.0, duration=3_600.0)
    progress = FakeProgress()
    with pytest.raises(HarnessError, match="--i-know-the-cost"):
        refuse_expensive(dear, 1.0, progress, agreed=False)  # type: ignore[arg-type]
    assert "USD" in progress.said[0]
    refuse_expensive(dear, 1.0, progress, agreed=True)  # type: ignore[arg-type]
    refuse_expensive(Settings(scenario="direct", users=2, duration=5), 1.0, progress, agreed=False)  # type: ignore[arg-type]
