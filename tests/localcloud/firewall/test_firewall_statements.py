"""What each kind of statement matches."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.firewall.rates import Rates
from localcloud.firewall.requests import INSPECTED_BODY_BYTES
from tests.localcloud.firewall.web_acl_world import LISTED, Clock, World, request, rule, web_acl


def matches(statement: dict[str, Any], **sent: Any) -> bool:
    """Whether a statement matches a request."""
    return World(web_acl(rule("one", statement))).decides(request(**sent)) == "one"


def part(name: str, **settings: Any) -> dict[str, Any]:
    """What a statement looks at, untransformed."""
    return {"FieldToMatch": {name: settings}, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}


def size(comparison: str, bytes_: int, **looked_at: Any) -> dict[str, Any]:
    """A statement on a size."""
    return {"SizeConstraintStatement": {"ComparisonOperator": comparison, "Size": bytes_, **looked_at}}


def contains(position: str, text: str, **looked_at: Any) -> dict[str, Any]:
    """A statement on bytes, which the API takes in base 64."""
    wanted = base64.b64encode(text.encode()).decode()
    return {"ByteMatchStatement": {"PositionalConstraint": position, "SearchString": wanted, **looked_at}}


@pytest.mark.parametrize(
    ("address", "is_listed"),
    [("192.0.2.7", True), ("192.0.3.7", False), ("2001:db8::7", True), ("2001:db9::7", False)],
)
def test_ip_set_matches_addresses_in_its_networks(address: str, *, is_listed: bool) -> None:
    """Of both versions of the protocol."""
    assert matches({"IPSetReferenceStatement": {"ARN": LISTED}}, ip=address) is is_listed


@pytest.mark.parametrize(
    ("comparison", "at_8"),
    [("EQ", True), ("NE", False), ("LE", True), ("LT", False), ("GE", True), ("GT", False)],
)
def test_size_is_compared_as_named(comparison: str, *, at_8: bool) -> None:
    """A body of eight bytes, held against eight."""
    assert matches(size(comparison, 8, **part("Body")), body=b"12345678") is at_8


@pytest.mark.parametrize(
    ("oversize", "expected"), [("MATCH", True), ("NO_MATCH", False), ("CONTINUE", False)]
)
def test_body_longer_than_what_is_inspected_is_handled_as_told(oversize: str, *, expected: bool) -> None:
    """``CONTINUE`` sees the beginning alone, which is no longer than what is inspected."""
    looked_at = part("Body", OversizeHandling=oversize)
    too_long = b"x" * (INSPECTED_BODY_BYTES + 1)
    assert matches(size("GT", INSPECTED_BODY_BYTES, **looked_at), body=too_long) is expected


@pytest.mark.parametrize(
    ("position", "text", "expected"),
    [
        ("EXACTLY", "/admin", False),
        ("EXACTLY", "/admin/x", True),
        ("STARTS_WITH", "/admin", True),
        ("ENDS_WITH", "/x", True),
        ("ENDS_WITH", "/admin", False),
        ("CONTAINS", "min/", True),
    ],
)
def test_bytes_are_looked_for_where_told(position: str, text: str, *, expected: bool) -> None:
    """In the path, at its beginning, its end, anywhere or all of it."""
    assert matches(contains(position, text, **part("UriPath")), path="/admin/x") is expected


def test_header_that_is_not_there_does_not_match() -> None:
    """Not even a size of zero; one that is there is found whatever its name's case."""
    looked_at = part("SingleHeader", Name="User-Agent")
    assert not matches(size("EQ", 0, **looked_at))
    assert matches(contains("CONTAINS", "bot", **looked_at), **{"user-agent": "a bot"})


def test_transformations_are_made_in_their_order() -> None:
    """What is decoded first and then written small is found; other forms are not."""
    wanted = contains("EXACTLY", "/a b", **part("UriPath"))
    assert not matches(wanted, path="/A%20B")
    in_order = [{"Priority": 1, "Type": "LOWERCASE"}, {"Priority": 0, "Type": "URL_DECODE"}]
    wanted["ByteMatchStatement"]["TextTransformations"] = in_order
    assert matches(wanted, path="/A%20B")


@pytest.mark.parametrize(("kind", "expected"), [("AndStatement", False), ("OrStatement", True)])
def test_statements_are_combined(kind: str, *, expected: bool) -> None:
    """One that matches and one that does not."""
    yes, no = size("EQ", 0, **part("Body")), {"NotStatement": {"Statement": size("EQ", 0, **part("Body"))}}
    assert matches({kind: {"Statements": [yes, no]}}) is expected


@pytest.mark.parametrize(
    "statement",
    [
        {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
        {"NotStatement": {"Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}}},
        size("EQ", 0, FieldToMatch={"Cookies": {}}, TextTransformations=[]),
        contains("CONTAINS_WORD", "x", **part("UriPath")),
        {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "FORWARDED_IP"}},
    ],
)
def test_rule_that_is_not_judged_here_lets_through(statement: dict[str, Any]) -> None:
    """Its contrary neither: nothing is blocked for what nobody has looked at."""
    assert not matches(statement)


def rate(limit: int, window: int = 60, **settings: Any) -> dict[str, Any]:
    """A statement on a rate, of an address if not told otherwise."""
    settings = {"AggregateKeyType": "IP", **settings}
    return {"RateBasedStatement": {"Limit": limit, "EvaluationWindowSec": window, **settings}}


def test_rate_matches_beyond_its_limit_until_the_window_has_passed() -> None:
    """The eleventh within a minute is too many, and the first of the next minute is not."""
    world = World(web_acl(rule("rate", rate(10))))
    assert [world.decides() for _ in range(12)] == [""] * 10 + ["rate"] * 2
    world.clock.seconds += 59
    assert world.decides() == "rate"
    world.clock.seconds += 1
    assert world.decides() == ""


def test_rate_counts_each_address_by_itself_or_all_together() -> None:
    """As the rule aggregates."""
    requests = [request("192.0.2.1"), request("192.0.2.2")]
    by_address = World(web_acl(rule("rate", rate(1))))
    assert [by_address.decides(each) for each in requests] == ["", ""]
    everything = size("GE", 0, **part("Body"))
    together = World(
        web_acl(rule("rate", rate(1, AggregateKeyType="CONSTANT", ScopeDownStatement=everything)))
    )
    assert [together.decides(each) for each in requests] == ["", "rate"]


def test_rate_counts_only_what_its_scope_has() -> None:
    """Requests that are none of its business neither count nor match."""
    scope = contains("STARTS_WITH", "/auth/", **part("UriPath"))
    world = World(web_acl(rule("rate", rate(1, ScopeDownStatement=scope))))
    paths = ["/", "/", "/auth/token", "/", "/auth/token", "/"]
    assert [world.decides(request(path=path)) for path in paths] == ["", "", "", "", "rate", ""]


@given(st.lists(st.floats(0, 100), max_size=50), st.sampled_from([60, 120]))
def test_rate_is_how_many_came_within_the_window(pauses: list[float], window: int) -> None:
    """Whatever the pauses between requests."""
    clock = Clock()
    rates, came = Rates(clock), list[float]()
    for pause in pauses:
        clock.seconds += pause
        came.append(clock.seconds)
        within = sum(1 for each in came if each > clock.seconds - window)
        assert rates.count("key", window) == within
