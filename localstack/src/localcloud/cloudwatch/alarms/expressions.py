"""CloudWatch's metric math, as far as alarms of sums and rates need it.

Arithmetic and comparisons of time series and numbers, ``METRICS()``, ``SUM``, ``AVG``, ``MIN`` and ``MAX`` of
several series, ``FILL`` and ``IF``. What is written otherwise is refused when the alarm is made.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from statistics import fmean

Series = Mapping[int, float]
"""Values by the beginning of their period; a period without one is missing."""
_Value = float | Series | list[Series]

_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_REDUCTIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": fmean,
    "MIN": min,
    "MAX": max,
}
_ARGUMENTS = {**dict.fromkeys(_REDUCTIONS, 1), "METRICS": 0, "FILL": 2, "IF": 3}


class InvalidExpressionError(ValueError):
    """An expression that is not evaluated here; says in one sentence what to write instead."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression of an alarm."""

    text: str
    tree: ast.expr
    names: frozenset[str]
    """The ids of the statistics and expressions that it reads by name."""

    @classmethod
    def parse(cls, text: str, known: AbstractSet[str]) -> Expression:
        """Read an expression over statistics and expressions with the ids ``known``.

        Raises:
            InvalidExpressionError: it is malformed, or beyond what is evaluated.
        """
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as fault:
            raise InvalidExpressionError(f"The expression {text!r} is malformed: {fault.msg}.") from fault
        names: set[str] = set()
        _check(tree, text, names)
        if unknown := names - known:
            raise InvalidExpressionError(
                f"The expression {text!r} reads {sorted(unknown)}, which no metric has as Id."
            )
        return cls(text, tree, frozenset(names))

    def evaluate(
        self, read: Callable[[str], Series], statistics: Sequence[Series], periods: Sequence[int]
    ) -> Series:
        """The expression's series.

        Args:
            read: gives the series of an id.
            statistics: those of all metrics of the alarm, for ``METRICS()``.
            periods: the periods asked for, by their beginnings; a number stands in each of them.
        """
        value = _Evaluation(read, statistics, periods).value(self.tree)
        if isinstance(value, list):
            raise InvalidExpressionError(
                f"The expression {self.text!r} gives several series: reduce them by SUM."
            )
        return value if isinstance(value, Mapping) else dict.fromkeys(periods, value)


def _check(node: ast.expr, text: str, names: set[str]) -> None:
    match node:
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name):
            names.add(name)
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            inner = [left, right]
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            inner = [left, right]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = [operand]
        case ast.List(elts=elements):
            inner = elements
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if _ARGUMENTS.get(name) == len(
            arguments
        ):
            inner = arguments
        case _:
            allowed = ", ".join(sorted(_ARGUMENTS))
            raise InvalidExpressionError(
                f"{ast.unparse(node)!r} in {text!r} is not evaluated here: use arithmetic and {allowed}."
            )
    for each in inner:
        _check(each, text, names)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    read: Callable[[str], Series]
    statistics: Sequence[Series]
    periods: Sequence[int]

    def value(self, node: ast.expr) -> _Value:  # noqa: PLR0911 - one a kind of node
        """What a node that was checked stands for."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return self.read(name)
            case ast.UnaryOp(operand=operand):
                return _elementwise(operator.mul, -1.0, self.value(operand))
            case ast.BinOp(left=left, op=op, right=right):
                return _elementwise(_OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _elementwise(_OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.List(elts=elements):
                return [self._series(self.value(element)) for element in elements]
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments)
        raise AssertionError(f"{ast.dump(node)} was checked.")

    def _call(self, name: str, arguments: list[ast.expr]) -> _Value:
        if name == "METRICS":
            return list(self.statistics)
        values = [self.value(argument) for argument in arguments]
        if name == "FILL":
            fill = self._series(values[1])
            if isinstance(values[0], list):
                return [self._filled(series, fill) for series in values[0]]
            return self._filled(self._series(values[0]), fill)
        if name == "IF":
            return self._chosen(*(self._series(value) for value in values))
        several = values[0] if isinstance(values[0], list) else [self._series(values[0])]
        return _reduced(_REDUCTIONS[name], several)

    def _series(self, value: _Value) -> Series:
        if isinstance(value, list):
            raise InvalidExpressionError("Several series stand where one is wanted: reduce them by SUM.")
        return value if isinstance(value, Mapping) else dict.fromkeys(self.periods, value)

    def _filled(self, series: Series, fill: Series) -> Series:
        return {period: series.get(period, fill[period]) for period in self.periods if period in fill}

    def _chosen(self, condition: Series, then: Series, otherwise: Series) -> Series:
        chosen = {}
        for period, holds in condition.items():
            source = then if holds else otherwise
            if period in source:
                chosen[period] = source[period]
        return chosen


def _elementwise(operation: Callable[[float, float], float], left: _Value, right: _Value) -> _Value:
    """Where both have a value; a division by zero has none, as on AWS."""
    if isinstance(left, list) or isinstance(right, list):
        raise InvalidExpressionError("Several series stand where one is wanted: reduce them by SUM.")
    if not isinstance(left, Mapping) and not isinstance(right, Mapping):
        return float(operation(left, right))
    periods = [set(side) for side in (left, right) if isinstance(side, Mapping)]
    values = {}
    for period in set.intersection(*periods):
        one = left[period] if isinstance(left, Mapping) else left
        other = right[period] if isinstance(right, Mapping) else right
        if operation is operator.truediv and other == 0:
            continue
        values[period] = float(operation(one, other))
    return values


def _reduced(reduction: Callable[[Sequence[float]], float], several: Sequence[Series]) -> Series:
    """In each period of what is there: a series without a value there counts for nothing."""
    periods = {period for series in several for period in series}
    return {
        period: float(reduction([series[period] for series in several if period in series]))
        for period in periods
    }
