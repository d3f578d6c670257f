"""The firewall: what stands in front of the distributions, and the parameters that decide it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

if TYPE_CHECKING:
    from tests.stack.template import Template

PARAMS = Path(__file__).parents[2] / "stack" / "params"


def _rules(templates: dict[str, Template]) -> dict[str, dict[str, Any]]:
    """The web ACL's rules by name, in the order in which they are asked."""
    acl = templates["webacl"].resources["WebAcl"]["Properties"]
    assert acl["DefaultAction"] == {"Allow": {}}
    return {rule["Name"]: rule for rule in sorted(acl["Rules"], key=lambda rule: rule["Priority"])}


@pytest.mark.parametrize(("environment", "setting"), [("dev", "disabled"), ("prod", "enabled")])
def test_params_pay_for_the_firewall_where_real_users_are(environment: str, setting: str) -> None:
    """It costs by the request."""
    pairs = msgspec.json.decode((PARAMS / f"{environment}.json").read_bytes(), type=list[str])
    assert f"Firewall={setting}" in pairs


def test_rules_of_the_parameters_come_before_the_managed_ones(templates: dict[str, Template]) -> None:
    """They cost least, and what is kept out by them is no business of the others."""
    assert list(_rules(templates)) == [
        "blocked-addresses",
        "request-limit",
        "body-limit",
        "ip-reputation",
        "known-bad-inputs",
        "common",
    ]


def test_rules_of_the_parameters_block(templates: dict[str, Template]) -> None:
    """By what the parameters say; a body that is longer than what is inspected is too long."""
    rules, parameters = _rules(templates), templates["webacl"].parameters
    for name in ("blocked-addresses", "request-limit", "body-limit"):
        assert rules[name]["Action"] == {"Block": {}}
    rate = rules["request-limit"]["Statement"]["RateBasedStatement"]
    assert (rate["AggregateKeyType"], rate["Limit"]) == ("IP", {"Ref": "RequestLimit"})
    size = rules["body-limit"]["Statement"]["SizeConstraintStatement"]
    assert size["Size"] == {"Ref": "BodyLimit"}
    assert size["FieldToMatch"] == {"Body": {"OversizeHandling": "MATCH"}}
    assert parameters["BodyLimit"]["MaxValue"] <= 16_384
    sets = templates["webacl"].of_type("AWS::WAFv2::IPSet")
    addresses = {
        each["Properties"]["IPAddressVersion"]: each["Properties"]["Addresses"] for each in sets.values()
    }
    for version, name in (("IPV4", "BlockedAddresses"), ("IPV6", "BlockedIpv6Addresses")):
        assert addresses[version] == {"Fn::If": [f"Has{name}", {"Fn::Split": [",", {"Ref": name}]}, []]}


def test_managed_rules_act_as_aws_keeps_them(templates: dict[str, Template]) -> None:
    """None is turned into a mere count."""
    rules = _rules(templates)
    for name in ("ip-reputation", "known-bad-inputs", "common"):
        assert rules[name]["OverrideAction"] == {"None": {}}
        assert rules[name]["Statement"]["ManagedRuleGroupStatement"]["VendorName"] == "AWS"


def test_log_has_the_blocked_and_no_secret(templates: dict[str, Template]) -> None:
    """No query string, which has a link's signature, no token and no cookie; nobody who was let through."""
    logging = templates["webacl"].resources["Logging"]["Properties"]
    assert logging["RedactedFields"] == [
        {"QueryString": {}},
        {"SingleHeader": {"Name": "authorization"}},
        {"SingleHeader": {"Name": "cookie"}},
    ]
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    group = templates["webacl"].resources["Logs"]["Properties"]
    assert group["LogGroupName"]["Fn::Sub"].startswith("aws-waf-logs-")
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize(
    ("name", "value", "is_allowed"),
    [
        ("BlockedAddresses", "", True),
        ("BlockedAddresses", "192.0.2.0/24,198.51.100.7/32", True),
        ("BlockedAddresses", "192.0.2.1", False),
        ("BlockedIpv6Addresses", "2001:db8::/32", True),
        ("BlockedIpv6Addresses", "192.0.2.0/24", False),
        ("WebAclArn", "arn:aws:wafv2:us-east-1:111122223333:global/webacl/parley/1a2b", True),
        ("WebAclArn", "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/parley/1a2b", False),
    ],
)
def test_parameters_take_what_aws_waf_takes(
    templates: dict[str, Template], name: str, value: str, *, is_allowed: bool
) -> None:
    """Networks in CIDR notation, and web ACLs that CloudFront can use."""
    for template in ("root", "webacl") if name.startswith("Blocked") else ("root", "web", "downloads"):
        pattern = templates[template].parameters[name]["AllowedPattern"]
        assert bool(re.search(pattern, value)) is is_allowed, template
