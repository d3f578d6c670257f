"""When messages are due: at the rate over all users, late ones with the time at which they were due."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from loadtest.settings import Arrivals
from loadtest.turns import open_turns, think_time

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1_000_000_000


@dataclass
class FakeSchedule:
    """A schedule whose clock jumps to whenever somebody waits for, and whose rate changes at a time."""

    rate: float | None
    began: int = 0
    ends: int = 1 << 62
    faster_at: int = 1 << 62
    now: int = field(default=0, init=False)

    def pause_until(self, due: int) -> bool:
        """Wait, or be told of another rate or of the end before."""
        if self.now < self.faster_at <= due:
            self.now = self.began = self.faster_at
            self.rate = (self.rate or 0) * 10
        else:
            self.now = max(self.now, min(due, self.ends))
        return self.now < self.ends


def turns(
    schedule: FakeSchedule, place: int, writers: int, arrivals: Arrivals, seed: int = 1
) -> Iterator[int]:
    """The turns of one user."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    return open_turns(schedule, random, place=place, writers=writers, arrivals=arrivals)


def test_constant_arrivals_of_all_users_are_evenly_spread() -> None:
    """Four users at 8 messages a second: one of them is due each eighth of a second."""
    due = sorted(
        turn
        for place in range(4)
        for turn in islice(turns(FakeSchedule(8.0), place, 4, Arrivals.CONSTANT), 5)
    )
    assert due == [number * SECOND // 8 for number in range(20)]


def test_poisson_arrivals_keep_the_rate_and_repeat_with_their_seed() -> None:
    """Random distances with the right mean; the same seed has the same ones."""
    first = list(islice(turns(FakeSchedule(10.0), 0, 1, Arrivals.POISSON), 5_000))
    assert first == list(islice(turns(FakeSchedule(10.0), 0, 1, Arrivals.POISSON), 5_000))
    assert first != list(islice(turns(FakeSchedule(10.0), 0, 1, Arrivals.POISSON, seed=2), 5_000))
    assert first[-1] / SECOND == pytest.approx(500, rel=0.05)
    gaps = {late - early for early, late in pairwise(first)}
    assert len(gaps) > 4_900


def test_turn_that_is_late_keeps_the_time_at_which_it_was_due() -> None:
    """A stall of ten seconds moves no due time: all messages are counted from when they should have gone."""
    schedule = FakeSchedule(1.0)
    due = turns(schedule, 0, 1, Arrivals.CONSTANT)
    assert next(due) == 0
    schedule.now = 10 * SECOND
    assert list(islice(due, 3)) == [SECOND, 2 * SECOND, 3 * SECOND]


def test_turns_follow_a_rate_that_changes() -> None:
    """From the change on, the distances are those of the new rate, counted from it."""
    schedule = FakeSchedule(1.0, faster_at=5 * SECOND // 2)
    due = list(islice(turns(schedule, 0, 1, Arrivals.CONSTANT), 6))
    tenth = SECOND // 10
    assert due == [0, SECOND, 2 * SECOND, 25 * tenth, 26 * tenth, 27 * tenth]


def test_turns_end_with_the_sending() -> None:
    """Who waits for the next turn when sending ends does not get it."""
    assert list(turns(FakeSchedule(1.0, ends=3 * SECOND), 0, 1, Arrivals.CONSTANT)) == [0, SECOND, 2 * SECOND]


def test_think_times_have_their_mean_and_are_mostly_short() -> None:
    """As people: half of the pauses are well below the mean, and a few are long."""
    random = Random(1)  # noqa: S311 - repeatable on purpose
    times = sorted(think_time(random, 5.0) for _ in range(20_000))
    assert sum(times) / len(times) == pytest.approx(5.0, rel=0.05)
    assert times[10_000] < 4.0
    assert times[-1] > 30.0
