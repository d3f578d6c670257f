"""Queries of Logs Insights, read: commands with a pipe between them.

``fields``, ``display``, ``filter``, ``stats``, ``sort`` and ``limit``, with comparisons, ``and``, ``or``,
``not``, ``in``, ``like`` and a few functions. What is written otherwise is refused when a query is started.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from localcloud.cloudwatch.insights import commands, expressions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localcloud.cloudwatch.insights.commands import Aggregate, Command, Table
    from localcloud.cloudwatch.insights.expressions import Condition, Operand

_Item = TypeVar("_Item")

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<pattern>/(?:\\.|[^/\\\n])+/i?)
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[@A-Za-z_][\w@.]*|`[^`]+`)
    |(?P<sign><=|>=|!=|=~|[=<>(),|*\[\]])""",
    re.VERBOSE,
)
_MOST_RESULTS = 10_000


class InvalidQueryError(ValueError):
    """A query that is not run here; says in one sentence what to write instead."""


class _Token(NamedTuple):
    kind: str
    text: str


def parse(query: str) -> Callable[[Table], Table]:
    """What a query makes of events.

    Raises:
        InvalidQueryError: it is malformed, or beyond what is run.
    """
    steps = _Parser(query).commands()

    def run(table: Table) -> Table:
        for step in steps:
            table = step(table)
        return commands.limit(_MOST_RESULTS)(table)

    return run


class _Parser:
    """Reads one query from its first token to its last."""

    def __init__(self, query: str) -> None:
        self._tokens = list(_tokens(query))
        self._at = 0

    def commands(self) -> list[Command]:
        """Every command."""
        read = [self._command()]
        while self._next_is("|"):
            read.append(self._command())
        if self._at < len(self._tokens):
            raise self._fault("an end of the query, or |")
        return read

    def _command(self) -> Command:
        name = self._name().lower()
        if name in {"fields", "display"}:
            return commands.show(self._listed(self._column))
        if name == "filter":
            return commands.keep(self._condition())
        if name == "sort":
            return commands.sort(self._listed(self._sort_key))
        if name == "limit":
            return commands.limit(int(self._taken("number")))
        if name == "stats":
            aggregates = self._listed(self._aggregate)
            return commands.aggregate(aggregates, self._listed(self._column) if self._next_is("by") else [])
        raise InvalidQueryError(
            f"The command {name} is not run here: use fields, display, filter, stats, sort and limit."
        )

    def _column(self) -> tuple[str, Operand]:
        began = self._at
        operand = self._operand()
        written = "".join(token.text for token in self._tokens[began : self._at]).strip("`")
        return (self._name() if self._next_is("as") else written), operand

    def _sort_key(self) -> tuple[Operand, bool]:
        operand = self._operand()
        if self._next_is("desc"):
            return operand, True
        self._next_is("asc")
        return operand, False

    def _aggregate(self) -> tuple[str, Aggregate]:
        began = self._at
        name = self._name().lower()
        self._expect("(")
        operand = None if self._next_is("*") or self._peek() == ")" else self._operand()
        compute: Aggregate
        if name == "count":
            compute = commands.counted(operand)
        elif operand is None:
            raise self._fault(f"the field that {name} is of")
        elif name == "count_distinct":
            compute = commands.counted_distinct(operand)
        elif name == "pct":
            self._expect(",")
            compute = commands.percentile(operand, float(self._taken("number")))
        elif name in commands.REDUCTIONS:
            compute = commands.reduced(operand, commands.REDUCTIONS[name])
        else:
            raise InvalidQueryError(
                f"{name} is not computed here: use count, count_distinct, sum, avg, min, max and pct."
            )
        self._expect(")")
        written = "".join(token.text for token in self._tokens[began : self._at])
        return (self._name() if self._next_is("as") else written), compute

    def _condition(self) -> Condition:
        any_of = [self._both()]
        while self._next_is("or"):
            any_of.append(self._both())
        return lambda fields: any(condition(fields) for condition in any_of)

    def _both(self) -> Condition:
        all_of = [self._negated()]
        while self._next_is("and"):
            all_of.append(self._negated())
        return lambda fields: all(condition(fields) for condition in all_of)

    def _negated(self) -> Condition:
        if self._next_is("not"):
            return _inverted(self._negated())
        if self._next_is("("):
            condition = self._condition()
            self._expect(")")
            return condition
        return self._predicate()

    def _predicate(self) -> Condition:
        if self._peek().lower() in {"ispresent", "isempty", "isblank"}:
            name = self._name().lower()
            self._expect("(")
            operand = self._operand()
            self._expect(")")
            return expressions.is_present(operand) if name == "ispresent" else expressions.is_empty(operand)
        operand = self._operand()
        if self._next_is("not"):
            return _inverted(self._matched(operand))
        return self._matched(operand)

    def _matched(self, operand: Operand) -> Condition:
        if self._next_is("like") or self._next_is("=~"):
            return expressions.like(operand, self._pattern())
        if self._next_is("in"):
            self._expect("[")
            values = self._listed(self._operand)
            self._expect("]")
            return expressions.one_of(operand, values)
        for sign in expressions.COMPARISONS:
            if self._next_is(sign):
                return expressions.compared(operand, sign, self._operand())
        raise self._fault("a comparison, like or in")

    def _pattern(self) -> re.Pattern[str]:
        token = self._take()
        if token.kind == "text":
            return re.compile(re.escape(_unquoted(token.text)))
        if token.kind != "pattern":
            raise self._fault("a /pattern/ or a text")
        body, _, flags = token.text[1:].rpartition("/")
        try:
            return re.compile(body, re.IGNORECASE if flags else 0)
        except re.error as fault:
            raise InvalidQueryError(f"The pattern {token.text} is malformed: {fault}.") from fault

    def _operand(self) -> Operand:
        token = self._take()
        if token.kind == "text":
            return expressions.constant(_unquoted(token.text))
        if token.kind == "number":
            return expressions.constant(float(token.text))
        if token.kind != "name":
            raise self._fault("a field, a text or a number")
        if not self._next_is("("):
            return expressions.field(token.text.strip("`"))
        operand = self._function(token.text)
        self._expect(")")
        return operand

    def _function(self, name: str) -> Operand:
        if name == "bin":
            count, unit = float(self._taken("number")), self._name()
            if unit not in expressions.UNITS:
                raise self._fault(f"a unit of {', '.join(expressions.UNITS)}")
            return expressions.bins(count * expressions.UNITS[unit])
        if name == "toMillis" and self._name() == "@timestamp":
            return expressions.field(expressions.MILLISECONDS)
        raise InvalidQueryError(f"The function {name} is not computed here.")

    def _listed(self, read: Callable[[], _Item]) -> Sequence[_Item]:
        items = [read()]
        while self._next_is(","):
            items.append(read())
        return items

    def _name(self) -> str:
        return self._taken("name").strip("`")

    def _taken(self, kind: str) -> str:
        token = self._take()
        if token.kind != kind:
            raise self._fault(f"a {kind}")
        return token.text

    def _take(self) -> _Token:
        if self._at == len(self._tokens):
            raise InvalidQueryError("The query ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _next_is(self, text: str) -> bool:
        """Whether a word or sign comes next, which is taken then."""
        is_next = self._peek().lower() == text
        self._at += is_next
        return is_next

    def _expect(self, sign: str) -> None:
        if not self._next_is(sign):
            raise self._fault(sign)

    def _fault(self, wanted: str) -> InvalidQueryError:
        before = " ".join(token.text for token in self._tokens[max(0, self._at - 3) : self._at + 1])
        return InvalidQueryError(f"The query is malformed near {before!r}: {wanted} is wanted.")


def _tokens(query: str) -> Sequence[_Token]:
    tokens = []
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise InvalidQueryError(f"The query is malformed at {query[at : at + 20]!r}.")
        at = match.end()
        if match.lastgroup != "space":
            tokens.append(_Token(str(match.lastgroup), match[0]))
    return tokens


def _unquoted(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written[1:-1])


def _inverted(condition: Condition) -> Condition:
    return lambda fields: not condition(fields)
