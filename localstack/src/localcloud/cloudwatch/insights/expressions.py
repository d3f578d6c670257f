"""What queries of Logs Insights compute of one event: comparisons, and functions of its fields."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from localcloud.cloudwatch.insights.discovery import Value

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

Fields = Mapping[str, Value]
"""An event's fields by their names."""
Operand = Callable[[Fields], Value | None]
"""Gives a value; None for a field that is not there."""
Condition = Callable[[Fields], bool]

MILLISECONDS = "@milliseconds"
"""The field of an event's time since the epoch, for what computes with it; no field of AWS's."""
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
"""Seconds of the units of periods."""


def constant(value: Value) -> Operand:
    """A number or a text."""
    return lambda _fields: value


def field(name: str) -> Operand:
    """The value of a field."""
    return lambda fields: fields.get(name)


def compared(left: Operand, sign: str, right: Operand) -> Condition:
    """Compare as numbers where both are, else as texts; what is not there compares to nothing."""
    compare = COMPARISONS[sign]

    def condition(fields: Fields) -> bool:
        one, other = left(fields), right(fields)
        if one is None or other is None:
            return False
        numbers = number(one), number(other)
        if None not in numbers:
            return compare(*numbers)
        return compare(text(one), text(other))

    return condition


def one_of(operand: Operand, values: Sequence[Operand]) -> Condition:
    """Whether a value equals any of several."""
    equal = [compared(operand, "=", value) for value in values]
    return lambda fields: any(condition(fields) for condition in equal)


def like(operand: Operand, pattern: re.Pattern[str]) -> Condition:
    """Whether a pattern is found in a value."""

    def condition(fields: Fields) -> bool:
        value = operand(fields)
        return value is not None and pattern.search(text(value)) is not None

    return condition


def is_present(operand: Operand) -> Condition:
    """Whether a field is there."""
    return lambda fields: operand(fields) is not None


def is_empty(operand: Operand) -> Condition:
    """Whether a field is not there, or an empty text."""
    return lambda fields: operand(fields) in {None, ""}


def bins(period: float) -> Operand:
    """The beginning of an event's period of so many seconds."""
    return lambda fields: time_text(float(fields[MILLISECONDS]) // 1000 // period * period * 1000)


def time_text(milliseconds: float) -> str:
    """A time, in milliseconds since the epoch, as results show it."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"


def number(value: Value | None) -> float | None:
    """A value as a number; None where it is none."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value


def text(value: Value) -> str:
    """A value as results show it: a whole number without a point."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value.is_integer() else str(value)
