"""The comparison's arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.budgets import Budget
from bench.figures import Pairs, percentile

VALUES = st.lists(st.floats(min_value=0.001, max_value=1e6), min_size=1, max_size=50)


def test_percentile_between_two_values_is_linear() -> None:
    """A quarter of the way from 10 to 20 is 12.5, whatever their order."""
    assert percentile([20, 10], 0.25) == pytest.approx(12.5)


@given(values=VALUES)
def test_percentile_of_the_ends_is_the_smallest_and_the_largest(values: list[float]) -> None:
    """Nothing lies outside of what was measured."""
    assert percentile(values, 0) == min(values)
    assert percentile(values, 1) == max(values)


@given(values=VALUES, share=st.floats(min_value=0, max_value=1))
def test_percentile_of_any_share_is_within_the_values(values: list[float], share: float) -> None:
    """Also where rounding errors add up."""
    assert min(values) <= percentile(values, share) * (1 + 1e-12)
    assert percentile(values, share) <= max(values) * (1 + 1e-12)


def test_percentile_of_nothing_is_refused() -> None:
    """A round without messages is a fault, not a zero."""
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_ratio_of_rounds_that_both_slowed_is_the_undisturbed_one() -> None:
    """In the second round the machine was ten times slower for both."""
    pairs = Pairs(subject=(100.0, 10.0, 100.0), reference=(10.0, 1.0, 10.0))
    assert pairs.ratio == pytest.approx(10)


def test_ratio_where_one_round_hit_one_side_alone_leaves_it_out() -> None:
    """The median of ratios drops the outlier; a ratio of sums would not."""
    pairs = Pairs(subject=(100.0, 5.0, 100.0), reference=(10.0, 10.0, 10.0))
    assert pairs.ratio == pytest.approx(10)
    assert (pairs.subject_median, pairs.reference_median) == (100.0, 10.0)


def test_ratio_of_unpaired_rounds_is_refused() -> None:
    """Round n belongs beside round n."""
    with pytest.raises(ValueError, match="shorter"):
        _ = Pairs(subject=(1.0, 2.0), reference=(1.0,)).ratio


@pytest.mark.parametrize(("at_least", "kept"), [(True, [False, True, True]), (False, [True, True, False])])
def test_budget_at_its_limit_is_kept(at_least: bool, kept: list[bool]) -> None:
    """The limit itself is within the budget, in either direction."""
    budget = Budget("name", "promise", "x", 2, at_least=at_least)
    assert [budget.keeps(value) for value in (1.9, 2, 2.1)] == kept
