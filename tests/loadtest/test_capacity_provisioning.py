"""What being ready costs: auto scaling follows a day, and the cheaper way is reckoned and not asserted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.capacity.month import month_of
from loadtest.capacity.provisioning import (
    LEAST,
    PARTS,
    break_even,
    day,
    follow,
    provisioned_tables,
    ready_functions,
    sums,
)
from loadtest.capacity.workload import Workload

STACK = Path(__file__).parents[2] / "stack"


@pytest.mark.parametrize("peak", [1, 1.5, 2, 3, 10, 40])
def test_day_is_one_on_average_and_the_peak_at_its_highest(peak: float) -> None:
    """Whatever the peak."""
    assert sum(day(peak)) / len(day(peak)) == pytest.approx(1)
    assert max(day(peak)) == pytest.approx(peak, rel=1e-3)


def test_steady_load_is_followed_at_the_target() -> None:
    """70 units a second all day want 100, of which seven tenths are used."""
    followed = follow([70.0] * 1_440)
    assert followed.provisioned == pytest.approx(100)
    assert followed.utilisation == pytest.approx(0.7)
    assert followed.throttled == 0


def test_burst_longer_than_what_was_saved_is_throttled_until_auto_scaling_has_raised() -> None:
    """From 10 to 200 within a minute: what was left unused lasts for some of it."""
    followed = follow([10.0] * 720 + [200.0] * 720)
    assert 0 < followed.throttled < 0.02


def test_little_use_pays_for_the_least() -> None:
    """Two users' messages or none: five units."""
    assert follow([0.0] * 1_440).provisioned == LEAST
    assert follow([0.01] * 1_440).provisioned == LEAST


@settings(max_examples=20)
@given(st.floats(0, 1e5), st.floats(1, 20))
def test_what_is_provisioned_is_never_less_than_what_is_used(average: float, peak: float) -> None:
    """However the day goes; and a smooth day is served, but for rounding."""
    followed = follow([average * load for load in day(peak)])
    assert 0 <= followed.utilisation <= 1
    assert followed.used <= average * (1 + 1e-9)
    assert followed.throttled < 0.05


def test_provisioned_pays_from_the_ratio_of_the_two_prices_on() -> None:
    """By hand: 0.00065 for an hour's 3,600 writes, which are 0.00225 on demand; reads likewise."""
    assert break_even() == {
        "reads": pytest.approx(0.2889, rel=1e-3),
        "writes": pytest.approx(0.2889, rel=1e-3),
    }


def test_tables_of_few_users_are_cheaper_on_demand_and_of_many_provisioned() -> None:
    """The least of every table and index is paid whether or not anybody writes."""
    costs = {
        users: sums(provisioned_tables(Workload(users=users), month_of(Workload(users=users))))
        for users in (100, 1e5)
    }
    assert costs[100]["onDemand"] < costs[100]["provisioned"]
    assert costs[1e5]["provisioned"] < costs[1e5]["onDemand"] * 0.6


def test_functions_of_few_users_start_cold_more_often() -> None:
    """And a ready environment costs the same whoever comes: half a GB all month."""
    few, many = (
        {
            each.function: each
            for each in ready_functions(Workload(users=users), month_of(Workload(users=users)))
        }
        for users in (100, 1e5)
    )
    assert few.keys() == many.keys()
    assert all(few[name].cold > many[name].cold for name in few)
    assert few["send_message"].environments == 1
    assert few["connect"].provisioned_usd == pytest.approx(0.5 * 30 * 86_400 * 0.0000033334, rel=0.01)
    assert few["connect"].snapshot_usd == pytest.approx(0.5 * 30 * 86_400 * 0.0000015046, rel=0.05)


def test_provisioned_tables_and_their_least_are_those_of_the_stack() -> None:
    """Written in stack/ and repeated here: neither changes without the other."""
    root, data = (STACK / "root.yaml").read_text(), (STACK / "data.yaml").read_text()
    for kind in ("Read", "Write"):
        assert f"Default: {LEAST}\n" in root.split(f"  Min{kind}Capacity:\n")[1][:200]
    for table, parts in PARTS.items():
        declared = data.split(f"  {table.capitalize()}:\n    Type: AWS::DynamoDB::GlobalTable")[1].split(
            "\n\n"
        )[0]
        assert declared.count("WriteProvisionedThroughputSettings") == parts
    assert data.count("WriteProvisionedThroughputSettings") == sum(PARTS.values())
