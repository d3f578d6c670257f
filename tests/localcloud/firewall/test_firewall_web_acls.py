"""What a web ACL says to a request, in the order of its rules, and what it leaves in logs and metrics."""

from __future__ import annotations

import json
from typing import Any

from localcloud.firewall.records import log_line, metrics
from localcloud.firewall.web_acls import Action
from tests.localcloud.firewall.web_acl_world import HOUR, World, request, rule, web_acl

EVERYTHING: dict[str, Any] = {
    "SizeConstraintStatement": {
        "FieldToMatch": {"UriPath": {}},
        "ComparisonOperator": "GE",
        "Size": 0,
        "TextTransformations": [],
    }
}
NOTHING = {"NotStatement": {"Statement": EVERYTHING}}
LOGGED: dict[str, Any] = {"LogDestinationConfigs": ["arn"]}


def test_rules_are_asked_in_the_order_of_their_priorities() -> None:
    """The first that lets through or blocks decides, wherever it was written."""
    world = World(
        web_acl(
            rule("late", EVERYTHING, priority=9, Block={}), rule("early", EVERYTHING, priority=2, Allow={})
        )
    )
    assert world.decides() == "early"
    assert world.says().action is Action.ALLOW


def test_rule_that_counts_does_not_decide() -> None:
    """It is noted, and the next is asked."""
    world = World(
        web_acl(rule("seen", EVERYTHING, Count={}), rule("stops", EVERYTHING, priority=1, Block={}))
    )
    said = world.says()
    assert (said.action, said.status, [each.name for each in said.counted]) == (Action.BLOCK, 403, ["seen"])


def test_default_action_decides_where_no_rule_does() -> None:
    """Either way."""
    assert World(web_acl(rule("one", NOTHING))).says().action is Action.ALLOW
    closed = World(web_acl(rule("one", NOTHING), Block={})).says()
    assert (closed.action, closed.status, closed.rule) == (Action.BLOCK, 403, None)


def test_rule_may_answer_what_it_blocks_by_a_status_of_its_own() -> None:
    """A custom response's."""
    busy = rule("busy", EVERYTHING, Block={"CustomResponse": {"ResponseCode": 429}})
    assert World(web_acl(busy)).says().status == 429


def test_rule_whose_action_is_not_taken_here_lets_through() -> None:
    """A puzzle is shown to nobody here."""
    assert World(web_acl(rule("puzzle", EVERYTHING, Captcha={}))).decides() == ""


def line(world: World, **settings: Any) -> dict[str, Any] | None:
    """What the log has of a request."""
    sent = request(cookie="session", authorization="Bearer token")
    text = log_line(world.says(sent), world.acl, sent, {**LOGGED, **settings}, "E1", 1_000)
    return json.loads(text) if text else None


def test_log_says_who_decided_what_about_which_request() -> None:
    """In AWS WAF's own names."""
    logged = line(World(web_acl(rule("stops", EVERYTHING))))
    assert logged
    assert (logged["action"], logged["terminatingRuleId"], logged["terminatingRuleType"]) == (
        "BLOCK",
        "stops",
        "REGULAR",
    )
    assert (logged["httpSourceName"], logged["httpSourceId"]) == ("CF", "E1")
    assert logged["httpRequest"]["clientIp"] == "198.51.100.1"
    assert logged["httpRequest"]["args"] == "q=Secret"


def test_log_hides_what_it_is_told_to() -> None:
    """Neither the query string nor the header's value is anywhere in the line."""
    fields = [{"QueryString": {}}, {"SingleHeader": {"Name": "Cookie"}}]
    logged = line(World(web_acl(rule("stops", EVERYTHING))), RedactedFields=fields)
    assert logged
    text = json.dumps(logged)
    assert "Secret" not in text
    assert "session" not in text
    assert "Bearer token" in text
    assert logged["httpRequest"]["args"] == "REDACTED"


def test_log_keeps_only_what_its_filter_wants() -> None:
    """Blocked and counted requests, and none that is simply let through."""
    kept = [{"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT")]
    wanted = {
        "DefaultBehavior": "DROP",
        "Filters": [{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": kept}],
    }
    assert line(World(web_acl(rule("stops", EVERYTHING))), LoggingFilter=wanted)
    assert line(World(web_acl(rule("seen", EVERYTHING, Count={}))), LoggingFilter=wanted)
    assert line(World(web_acl(rule("other", NOTHING))), LoggingFilter=wanted) is None


def test_metrics_count_each_rule_that_matched_and_all_together() -> None:
    """Under the names that the rules chose."""
    seen, stops = rule("seen", EVERYTHING, Count={}), rule("stops", EVERYTHING, priority=1)
    world = World(web_acl(seen, stops))
    points = metrics(world.says(), world.acl, HOUR + 59)
    found = {(point.metric.name, dict(point.metric.dimensions)["Rule"]) for point in points}
    assert found == {
        ("BlockedRequests", "of-stops"),
        ("BlockedRequests", "ALL"),
        ("CountedRequests", "of-seen"),
        ("CountedRequests", "ALL"),
    }
    assert {point.timestamp for point in points} == {HOUR}
    assert {dict(point.metric.dimensions)["WebACL"] for point in points} == {"of-site"}


def test_metrics_of_what_is_let_through_by_default_say_so() -> None:
    """There is no rule to name."""
    world = World(web_acl(rule("other", NOTHING)))
    found = {
        (point.metric.name, dict(point.metric.dimensions)["Rule"])
        for point in metrics(world.says(), world.acl, HOUR)
    }
    assert found == {("AllowedRequests", "Default_Action"), ("AllowedRequests", "ALL")}
