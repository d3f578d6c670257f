"""Provisioned tables: what is let in, what it takes, and how auto scaling follows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.dynamodb.capacity import BURST_SECONDS, Capacity, Meter, Place, Scaling
from localcloud.dynamodb.throttle import Throttle
from localcloud.observations import Consumed

READS, WRITES = Place("things", "", "Read"), Place("things", "", "Write")
INDEX_READS, INDEX_WRITES = Place("things", "ByName", "Read"), Place("things", "ByName", "Write")
SCALING = Scaling(least=5, most=100, target=0.7)
PUT = json.dumps({"TableName": "things"}).encode()
QUERY_OF_INDEX = json.dumps({"TableName": "things", "IndexName": "ByName"}).encode()


@dataclass
class Account:
    """A control plane of provisioned tables, and the time."""

    provided: dict[Place, Capacity]
    seconds: float = 0.0
    throttle: Throttle = field(init=False)

    def __post_init__(self) -> None:
        """Follow it."""
        self.throttle = Throttle(self, self)
        self.throttle.look()

    def now(self) -> float:
        """The time."""
        return self.seconds

    def capacities(self) -> dict[Place, Capacity]:
        """What is provisioned."""
        return dict(self.provided)

    def provision(self, place: Place, units: int) -> None:
        """Change it."""
        self.provided[place] = replace(self.provided[place], units=units)

    def put(self, units: float = 1.0, index_units: float = 0.0) -> bool:
        """Whether a put is let in; it consumes so much."""
        if self.throttle.refuse("PutItem", ["things"], PUT):
            return False
        consumed = [Consumed("things", "", units), Consumed("things", "ByName", index_units)]
        self.throttle.take("PutItem", ["things"], consumed, "")
        return True

    def puts(self, number: int) -> int:
        """How many of so many puts at once are let in."""
        return sum(self.put() for _ in range(number))

    def use(self, minutes: int, a_minute: int) -> None:
        """Put so many units in each of the next minutes, and have auto scaling look at each minute's end."""
        for _ in range(minutes):
            self.puts(a_minute)
            self.seconds += 60
            self.throttle.look()


def account(units: int = 5, scaling: Scaling | None = None) -> Account:
    """One with a table with an index, each of so many units."""
    places = (READS, WRITES, INDEX_READS, INDEX_WRITES)
    return Account({place: Capacity(units, scaling) for place in places})


def test_request_beyond_what_is_provisioned_is_throttled_until_the_next_second() -> None:
    """5 units: five writes of one unit, no more, and five again a second later."""
    things = account(5)
    assert things.puts(8) == 5
    things.seconds += 1
    assert things.puts(8) == 5


def test_capacity_left_unused_is_there_for_a_burst_and_no_longer_than_five_minutes() -> None:
    """An hour's rest saves up what 300 seconds give."""
    things = account(5)
    things.seconds += 3_600
    assert things.puts(2_000) == 5 * BURST_SECONDS


def test_large_item_is_let_in_and_keeps_others_out_until_it_is_paid_for() -> None:
    """What a request takes is known afterwards: 20 units of 5 a second are the next four seconds."""
    things = account(5)
    assert things.put(20)
    things.seconds += 2.9
    assert not things.put()
    things.seconds += 0.2
    assert things.put()


def test_throttled_write_is_told_by_aws_code() -> None:
    """The SDK and our own client try again on it."""
    things = account(1)
    things.puts(1)
    refused = things.throttle.refuse("PutItem", ["things"], PUT)
    assert refused is not None
    assert refused.status == 400
    assert b"#ProvisionedThroughputExceededException" in refused.body


def test_index_without_capacity_keeps_writes_out_and_reads_of_the_table_go_on() -> None:
    """A write is of the indexes, too; a read is of the table or of one index."""
    things = account(5)
    assert things.put(1, index_units=9)
    assert not things.put()
    assert things.throttle.refuse("GetItem", ["things"], PUT) is None
    things.throttle.take("Query", ["things"], [Consumed("things", "ByName", 9)], "")
    assert things.throttle.refuse("Query", ["things"], QUERY_OF_INDEX) is not None
    assert things.throttle.refuse("Query", ["things"], PUT) is None


def test_write_on_a_false_condition_takes_a_unit() -> None:
    """Who loses a race for a number pays for it."""
    things = account(1)
    things.throttle.take("PutItem", ["things"], [], "ConditionalCheckFailedException")
    assert things.throttle.refuse("PutItem", ["things"], PUT) is not None


def test_table_on_demand_is_never_throttled_and_one_that_becomes_so_no_longer() -> None:
    """Nothing is provisioned any more: nothing is asked about."""
    things = account(1)
    assert things.puts(3) == 1
    assert things.throttle.refuse("PutItem", ["others"], PUT) is None
    things.provided.clear()
    things.throttle.look()
    assert things.puts(3) == 3


def test_capacity_that_is_changed_counts_from_then_on() -> None:
    """And what was saved up stays."""
    things = account(1)
    things.seconds += 10
    things.provided[WRITES] = Capacity(100)
    things.provided[INDEX_WRITES] = Capacity(100)
    things.throttle.look()
    assert things.puts(50) == 11
    things.seconds += 1
    assert things.puts(200) == 100


def test_auto_scaling_raises_after_two_minutes_above_its_target() -> None:
    """5 units, used by 4: one minute changes nothing, after the second the use is 70 % of what is there."""
    things = account(5, SCALING)
    things.use(5, 0)  # what is saved up lets the minute's puts in at once
    things.use(1, 240)
    assert things.provided[WRITES].units == 5
    things.use(1, 240)
    assert things.provided[WRITES].units == 6
    assert things.provided[READS].units == things.provided[INDEX_WRITES].units == 5


def test_auto_scaling_goes_no_further_than_its_bounds() -> None:
    """However much is asked for, and however little."""
    things = account(5, Scaling(least=5, most=7, target=0.7))
    for _ in range(10):
        things.use(2, 1_000)
    assert things.provided[WRITES].units == 7
    things.use(16, 1)
    assert things.provided[WRITES].units == 5


def test_auto_scaling_lowers_after_fifteen_minutes_below_and_not_for_idle_ones() -> None:
    """Twenty points below the target; a minute without any request is no data, as on AWS."""
    things = account(50, SCALING)
    things.use(20, 0)
    assert things.provided[WRITES].units == 50
    things.use(14, 600)
    assert things.provided[WRITES].units == 50
    things.use(1, 600)
    assert things.provided[WRITES].units == 15


def test_capacity_without_auto_scaling_stays() -> None:
    """It is what it is."""
    things = account(5)
    things.use(20, 300)
    assert things.provided[WRITES].units == 5


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 400), st.integers(0, 60)), max_size=30),
)
def test_no_more_is_let_in_than_was_provisioned_meanwhile(units: int, steps: list[tuple[float, int]]) -> None:
    """Whatever comes when: never more than the first second's units and what time has added."""
    meter, now, consumed = Meter(Capacity(units), 0.0), 0.0, 0
    for seconds, requests in steps:
        now += seconds
        for _ in range(requests):
            if meter.has_some(now):
                meter.take(1)
                consumed += 1
    assert consumed <= units * (1 + now) + 1


@pytest.mark.parametrize(("use", "units"), [(0.1, 5), (7.0, 10), (70.1, 100), (1_000, 100)])
def test_use_is_the_target_share_of_what_is_provided(use: float, units: int) -> None:
    """Rounded up, within the bounds."""
    assert SCALING.units_for(use) == units
