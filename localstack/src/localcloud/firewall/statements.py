"""The statements of AWS WAF's rules: what a request must be like for a rule to take its action.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html
"""

from __future__ import annotations

import base64
import operator
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Protocol

from localcloud.firewall.errors import NotJudgedError
from localcloud.firewall.requests import parse_inspected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from localcloud.firewall.rates import Rates
    from localcloud.firewall.requests import Inspected, WebRequest

_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    name: getattr(operator, name.lower()) for name in ("EQ", "NE", "LE", "LT", "GE", "GT")
}
_POSITIONS: Mapping[str, Callable[[bytes, bytes], bool]] = {
    "EXACTLY": operator.eq,
    "STARTS_WITH": bytes.startswith,
    "ENDS_WITH": bytes.endswith,
    "CONTAINS": operator.contains,
}
_COMBINATIONS: Mapping[str, Callable[[Iterable[bool]], bool]] = {"AndStatement": all, "OrStatement": any}
_DEFAULT_WINDOW_SECONDS = 300


class Statement(Protocol):
    """What a rule looks for."""

    def matches(self, request: WebRequest, rates: Rates) -> bool:
        """Whether a request is so; a statement of a rate counts it."""


@dataclass(frozen=True, slots=True)
class AddressIsListed:
    """The client's address is in an IP set."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    def matches(self, request: WebRequest, _rates: Rates) -> bool:
        """Whether one of the networks has it."""
        address = ip_address(request.client_ip)
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class PartIs:
    """A part of the request passes a test: its size, or bytes in it."""

    inspected: Inspected
    test: Callable[[bytes], bool]

    def matches(self, request: WebRequest, _rates: Rates) -> bool:
        """Whether it does."""
        return self.inspected.matches(request, self.test)


@dataclass(frozen=True, slots=True)
class Combined:
    """All of several statements, or one of them."""

    statements: tuple[Statement, ...]
    combine: Callable[[Iterable[bool]], bool]
    """``all`` or ``any``."""

    def matches(self, request: WebRequest, rates: Rates) -> bool:
        """Whether they match together."""
        return self.combine(each.matches(request, rates) for each in self.statements)


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a statement."""

    statement: Statement

    def matches(self, request: WebRequest, rates: Rates) -> bool:
        """Whether it does not match."""
        return not self.statement.matches(request, rates)


@dataclass(frozen=True, slots=True)
class RateExceeds:
    """More requests than a limit within a window: of one address, or of all together."""

    rule: str
    """What tells its counts from those of other rules."""
    limit: int
    window_seconds: int
    by_address: bool
    scope: Statement | None
    """Which requests are counted; None for all."""

    def matches(self, request: WebRequest, rates: Rates) -> bool:
        """Whether this request is one beyond the limit."""
        if self.scope is not None and not self.scope.matches(request, rates):
            return False
        # With its settings, because a change of them begins the count anew.
        key = (self.rule, self.limit, request.client_ip if self.by_address else "")
        return rates.count(key, self.window_seconds) > self.limit


def parse_statement(
    statement: Mapping[str, Any], rule: str, addresses_of: Callable[[str], Sequence[str]]
) -> Statement:
    """Read a statement as CreateWebACL takes it.

    Args:
        statement: an object with one member, which says of which kind it is.
        rule: what tells the counts of its rate from others.
        addresses_of: gives the addresses, in CIDR's notation, of the IP set with an ARN.

    Raises:
        NotJudgedError: it is of a kind that is not judged here.
    """
    ((kind, settings),) = statement.items()
    parse = partial(parse_statement, rule=rule, addresses_of=addresses_of)
    match kind:
        case "IPSetReferenceStatement":
            return _ip_set(settings, addresses_of)
        case "SizeConstraintStatement":
            compare, size = _COMPARISONS[settings["ComparisonOperator"]], settings["Size"]
            return PartIs(parse_inspected(settings), lambda content: compare(len(content), size))
        case "ByteMatchStatement":
            return _byte_match(settings)
        case "AndStatement" | "OrStatement":
            return Combined(tuple(parse(each) for each in settings["Statements"]), _COMBINATIONS[kind])
        case "NotStatement":
            return Not(parse(settings["Statement"]))
        case "RateBasedStatement":
            scope = settings.get("ScopeDownStatement")
            return _rate(settings, rule, parse(scope) if scope else None)
        case _:
            raise NotJudgedError(kind)


def _ip_set(settings: Mapping[str, Any], addresses_of: Callable[[str], Sequence[str]]) -> AddressIsListed:
    if "IPSetForwardedIPConfig" in settings:
        raise NotJudgedError("IPSetForwardedIPConfig")
    return AddressIsListed(tuple(ip_network(each, strict=False) for each in addresses_of(settings["ARN"])))


def _byte_match(settings: Mapping[str, Any]) -> PartIs:
    position = settings["PositionalConstraint"]
    if position not in _POSITIONS:
        raise NotJudgedError(position)
    found = _POSITIONS[position]
    wanted = base64.b64decode(settings["SearchString"])
    return PartIs(parse_inspected(settings), lambda content: found(content, wanted))


def _rate(settings: Mapping[str, Any], rule: str, scope: Statement | None) -> RateExceeds:
    aggregation = settings["AggregateKeyType"]
    if aggregation not in {"IP", "CONSTANT"}:
        raise NotJudgedError(aggregation)
    return RateExceeds(
        rule=rule,
        limit=settings["Limit"],
        window_seconds=settings.get("EvaluationWindowSec", _DEFAULT_WINDOW_SECONDS),
        by_address=aggregation == "IP",
        scope=scope,
    )
