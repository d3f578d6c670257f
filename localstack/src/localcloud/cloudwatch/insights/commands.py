"""The commands of a query of Logs Insights, and what each makes of the rows that come through the pipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from statistics import fmean
from typing import TYPE_CHECKING

from localcloud.cloudwatch.insights.expressions import Fields, number, text

if TYPE_CHECKING:
    from localcloud.cloudwatch.insights.discovery import Value
    from localcloud.cloudwatch.insights.expressions import Condition, Operand

DEFAULT_COLUMNS = ("@timestamp", "@message")
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Table:
    """What has come through the pipe so far."""

    rows: Sequence[Fields]
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    is_ordered: bool = False
    """Whether the query has said in which order; else the newest come first."""
    is_of_events: bool = True
    """Whether a row is an event still, and not a group of them."""


Command = Callable[[Table], Table]
Aggregate = Callable[[Sequence[Fields]], "Value | None"]
"""Gives one value of all events of a group; None where none has the field."""


def show(columns: Sequence[tuple[str, Operand]]) -> Command:
    """``fields`` and ``display``: which columns there are, some of them computed."""

    def command(table: Table) -> Table:
        rows = [{**row, **_values(columns, row)} for row in table.rows]
        return replace(table, rows=rows, columns=tuple(name for name, _ in columns))

    return command


def keep(condition: Condition) -> Command:
    """``filter``."""
    return lambda table: replace(table, rows=[row for row in table.rows if condition(row)])


def sort(keys: Sequence[tuple[Operand, bool]]) -> Command:
    """``sort``: by the first key, equals by the next; true means descending. What has no value comes last."""

    def command(table: Table) -> Table:
        rows = list(table.rows)
        for operand, descending in reversed(keys):
            having = [(_order(value), row) for row in rows if (value := operand(row)) is not None]
            having.sort(key=itemgetter(0), reverse=descending)
            rows = [row for _, row in having] + [row for row in rows if operand(row) is None]
        return replace(table, rows=rows, is_ordered=True)

    return command


def limit(count: int) -> Command:
    """``limit``."""
    return lambda table: replace(table, rows=in_order(table)[:count], is_ordered=True)


def aggregate(aggregates: Sequence[tuple[str, Aggregate]], by: Sequence[tuple[str, Operand]]) -> Command:
    """``stats``: one row a group, with what its events have in common and what is computed of them."""

    def command(table: Table) -> Table:
        groups: dict[tuple[str | None, ...], list[Fields]] = {}
        for row in table.rows:
            values = [operand(row) for _, operand in by]
            key = tuple(None if value is None else text(value) for value in values)
            groups.setdefault(key, []).append(row)
        if not by and not groups:
            groups[()] = []
        rows = [
            {**_values(by, members[0] if members else {}), **_computed(aggregates, members)}
            for members in groups.values()
        ]
        columns = tuple(name for name, _ in [*by, *aggregates])
        return Table(rows, columns, is_ordered=True, is_of_events=False)

    return command


def in_order(table: Table) -> list[Fields]:
    """The rows in the order of the results."""
    if table.is_ordered:
        return list(table.rows)
    return sorted(table.rows, key=lambda row: text(row.get("@timestamp", "")), reverse=True)


def counted(operand: Operand | None) -> Aggregate:
    """``count``: of the events, or of those that have a field."""
    return lambda rows: float(len(rows) if operand is None else len(_present(operand, rows)))


def counted_distinct(operand: Operand) -> Aggregate:
    """``count_distinct``."""
    return lambda rows: float(len({text(value) for value in _present(operand, rows)}))


def reduced(operand: Operand, reduce: Callable[[Sequence[float]], float]) -> Aggregate:
    """``sum``, ``avg``, ``min``, ``max``: of the numbers."""

    def compute(rows: Sequence[Fields]) -> float | None:
        numbers = _numbers(operand, rows)
        return reduce(numbers) if numbers else None

    return compute


def percentile(operand: Operand, percent: float) -> Aggregate:
    """``pct``: the smallest number that so many percent do not exceed."""

    def rank(numbers: Sequence[float]) -> float:
        ordered = sorted(numbers)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / _PERCENT))]

    return reduced(operand, rank)


REDUCTIONS: dict[str, Callable[[Sequence[float]], float]] = {"sum": sum, "avg": fmean, "min": min, "max": max}


def _values(columns: Sequence[tuple[str, Operand]], row: Fields) -> Fields:
    values = {name: operand(row) for name, operand in columns}
    return {name: value for name, value in values.items() if value is not None}


def _computed(aggregates: Sequence[tuple[str, Aggregate]], rows: Sequence[Fields]) -> Fields:
    values = {name: compute(rows) for name, compute in aggregates}
    return {name: value for name, value in values.items() if value is not None}


def _present(operand: Operand, rows: Sequence[Fields]) -> list[Value]:
    return [value for row in rows if (value := operand(row)) is not None]


def _numbers(operand: Operand, rows: Sequence[Fields]) -> list[float]:
    return [found for value in _present(operand, rows) if (found := number(value)) is not None]


def _order(value: Value) -> tuple[int, float, str]:
    """Numbers before texts, each among themselves."""
    as_number = number(value)
    return (1, 0.0, text(value)) if as_number is None else (0, as_number, "")
