"""A web ACL, requests to it and a clock, for the tests of what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localcloud.firewall.rates import Rates
from localcloud.firewall.requests import WebRequest
from localcloud.firewall.web_acls import WebAcl, judge, parse_web_acl

if TYPE_CHECKING:
    from localcloud.firewall.web_acls import Judgement

ARN = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/site/1"
LISTED = "arn:aws:wafv2:us-east-1:000000000000:global/ipset/listed/2"
ADDRESSES = {LISTED: ["192.0.2.0/24", "2001:db8::/32"]}
HOUR = 3_600.0


@dataclass
class Clock:
    """Time that a test moves."""

    seconds: float = HOUR

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.seconds


def request(ip: str = "198.51.100.1", *, path: str = "/", body: bytes = b"", **headers: str) -> WebRequest:
    """A request of a browser."""
    return WebRequest(ip, "GET", path, "q=Secret", {"host": "site", **headers}, body)


def rule(name: str, statement: dict[str, Any], *, priority: int = 0, **action: Any) -> dict[str, Any]:
    """A rule as CreateWebACL takes it; it blocks, if not told otherwise."""
    return {
        "Name": name,
        "Priority": priority,
        "Action": action or {"Block": {}},
        "Statement": statement,
        "VisibilityConfig": {"CloudWatchMetricsEnabled": True, "MetricName": f"of-{name}"},
    }


def web_acl(*rules: dict[str, Any], **default: Any) -> WebAcl:
    """A web ACL of rules, which lets the rest through if not told otherwise."""
    stored = {
        "ARN": ARN,
        "Name": "site",
        "DefaultAction": default or {"Allow": {}},
        "VisibilityConfig": {"CloudWatchMetricsEnabled": True, "MetricName": "of-site"},
        "Rules": list(rules),
    }
    return parse_web_acl(stored, ADDRESSES.__getitem__)


@dataclass
class World:
    """One web ACL and what it has counted."""

    acl: WebAcl
    clock: Clock = field(default_factory=Clock)
    rates: Rates = field(init=False)

    def __post_init__(self) -> None:
        self.rates = Rates(self.clock)

    def says(self, sent: WebRequest | None = None) -> Judgement:
        """What it says to a request."""
        return judge(self.acl, sent or request(), self.rates)

    def decides(self, sent: WebRequest | None = None) -> str:
        """The name of the rule that decides about a request; empty for the default."""
        decided = self.says(sent).rule
        return decided.name if decided else ""
