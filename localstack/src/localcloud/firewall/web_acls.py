"""Web ACLs: rules in the order of their priorities, and what they say to a request."""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from localcloud.firewall.errors import NotJudgedError
from localcloud.firewall.statements import parse_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud.firewall.rates import Rates
    from localcloud.firewall.requests import WebRequest
    from localcloud.firewall.statements import Statement

logger = logging.getLogger(__name__)

_FORBIDDEN = 403


class Action(enum.Enum):
    """What is done with a request; the values are those of AWS WAF's logs."""

    ALLOW = "ALLOW"
    BLOCK = "BLOCK"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    name: str
    metric_name: str
    """Empty where it wants no metrics."""
    kind: str
    """As logs name it: ``REGULAR``, ``RATE_BASED`` or ``GROUP``."""
    action: Action
    statement: Statement | None
    """None for one that is not judged here and so never matches."""
    response_status: int | None = None
    """Of a response of its own to what it blocks; None for the usual one."""


@dataclass(frozen=True, slots=True)
class WebAcl:
    """One web ACL."""

    arn: str
    name: str
    metric_name: str
    """Empty where it wants no metrics."""
    default: Action
    rules: tuple[Rule, ...]
    """In the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a web ACL has said to a request."""

    action: Action
    """To let it through, or to block it."""
    rule: Rule | None
    """Which decided; None where it was the default."""
    counted: tuple[Rule, ...]
    """Which matched and only count."""

    @property
    def status(self) -> int:
        """What a request that is blocked is answered with."""
        return (self.rule and self.rule.response_status) or _FORBIDDEN


def judge(acl: WebAcl, request: WebRequest, rates: Rates) -> Judgement:
    """Ask the rules one after the other, until one lets the request through or blocks it."""
    counted: list[Rule] = []
    for rule in acl.rules:
        if rule.statement is None or not rule.statement.matches(request, rates):
            continue
        if rule.action is not Action.COUNT:
            return Judgement(rule.action, rule, tuple(counted))
        counted.append(rule)
    return Judgement(acl.default, None, tuple(counted))


def parse_web_acl(stored: Mapping[str, Any], addresses_of: Callable[[str], Sequence[str]]) -> WebAcl:
    """Read a web ACL as GetWebACL gives it.

    Args:
        stored: the web ACL.
        addresses_of: gives the addresses, in CIDR's notation, of the IP set with an ARN.
    """
    arn = stored["ARN"]
    rules = sorted(stored["Rules"], key=itemgetter("Priority"))
    return WebAcl(
        arn=arn,
        name=stored["Name"],
        metric_name=_metric_name(stored),
        default=Action.BLOCK if "Block" in stored["DefaultAction"] else Action.ALLOW,
        rules=tuple(_rule(rule, f"{arn}/{rule['Name']}", addresses_of) for rule in rules),
    )


def _rule(stored: Mapping[str, Any], key: str, addresses_of: Callable[[str], Sequence[str]]) -> Rule:
    action = stored.get("Action", {"Count": {}})  # a rule group's actions are those of its own rules
    statement = stored["Statement"]
    is_judged = action.keys() <= {"Allow", "Block", "Count"}
    try:
        parsed = parse_statement(statement, key, addresses_of) if is_judged else None
    except NotJudgedError as fault:
        logger.debug("The rule %s lets everything through here: %s is not judged.", stored["Name"], fault)
        parsed = None
    answer = action.get("Block", {}).get("CustomResponse", {})
    return Rule(
        name=stored["Name"],
        metric_name=_metric_name(stored),
        kind=_kind(statement),
        action=next((each for each in Action if each.value.title() in action), Action.COUNT),
        statement=parsed,
        response_status=answer.get("ResponseCode"),
    )


def _kind(statement: Mapping[str, Any]) -> str:
    (kind,) = statement
    if kind == "RateBasedStatement":
        return "RATE_BASED"
    return "GROUP" if "RuleGroup" in kind else "REGULAR"


def _metric_name(stored: Mapping[str, Any]) -> str:
    settings = stored.get("VisibilityConfig", {})
    name: str = settings["MetricName"] if settings.get("CloudWatchMetricsEnabled") else ""
    return name
