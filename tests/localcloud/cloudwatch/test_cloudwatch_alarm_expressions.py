"""Metric math of alarms: what each function gives, and that nothing else is taken."""

from __future__ import annotations

import pytest

from localcloud.cloudwatch.alarms.expressions import Expression, InvalidExpressionError, Series

PERIODS = range(0, 240, 60)
ONE: Series = {0: 1.0, 60: 2.0, 120: 4.0}
OTHER: Series = {60: 10.0, 180: 0.0}
KNOWN = {"one": ONE, "other": OTHER}


def value(text: str) -> Series:
    """An expression's series over the two."""
    return Expression.parse(text, KNOWN.keys()).evaluate(KNOWN.__getitem__, list(KNOWN.values()), PERIODS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one + other", {60: 12}),
        ("one * 2 - 1", {0: 1, 60: 3, 120: 7}),
        ("-one", {0: -1, 60: -2, 120: -4}),
        ("one / other", {60: 0.2}),
        ("100 / other", {60: 10}),
        ("one > 1", {0: 0, 60: 1, 120: 1}),
        ("SUM(METRICS())", {0: 1, 60: 12, 120: 4, 180: 0}),
        ("MAX([one, other])", {0: 1, 60: 10, 120: 4, 180: 0}),
        ("MIN([one, other])", {0: 1, 60: 2, 120: 4, 180: 0}),
        ("AVG([one, other])", {0: 1, 60: 6, 120: 4, 180: 0}),
        ("FILL(one, 0)", {0: 1, 60: 2, 120: 4, 180: 0}),
        ("FILL(one, 0) + FILL(other, 0)", {0: 1, 60: 12, 120: 4, 180: 0}),
        ("SUM(FILL(METRICS(), 1))", {0: 2, 60: 12, 120: 5, 180: 1}),
        ("IF(one > 1, one, 0)", {0: 0, 60: 2, 120: 4}),
        ("IF(FILL(other, 0) > 0, one / other, 0)", {0: 0, 60: 0.2, 120: 0, 180: 0}),
        ("7", {0: 7, 60: 7, 120: 7, 180: 7}),
    ],
)
def test_expression_gives_a_value_where_its_series_have_one(text: str, expected: Series) -> None:
    """Arithmetic needs both sides, a reduction any one; a division by zero gives none."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one +", "malformed"),
        ("two", "no metric has as Id"),
        ("RATE(one)", "not evaluated here"),
        ("SEARCH('a', 'b', 60)", "not evaluated here"),
        ("one ** 2", "not evaluated here"),
        ("FILL(one)", "not evaluated here"),
        ("one.__class__", "not evaluated here"),
        ("METRICS()", "reduce them by SUM"),
        ("METRICS() + 1", "reduce them by SUM"),
    ],
)
def test_expression_beyond_what_is_evaluated_is_refused(text: str, message: str) -> None:
    """Rather than evaluated to something else."""
    with pytest.raises(InvalidExpressionError, match=message):
        value(text)
