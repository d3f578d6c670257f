"""Every template keeps the house rules of stack/rules.guard, and each rule sees what breaks it."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest
from cfn_guard_rs.api import run_checks

from tests.stack.conftest import STACK

if TYPE_CHECKING:
    from tests.stack.template import Template

RULES = (STACK / "rules.guard").read_text()
NAMES = re.findall(r"^rule (\w+)", RULES, re.MULTILINE)
BREACHES = {
    "FUNCTIONS_ARE_BOUNDED": ("realtime", "Connect", ("Runtime",), "python3.9"),
    "LOGS_END": ("realtime", "ConnectLogs", ("RetentionInDays",), None),
    "BUCKETS_ARE_PRIVATE": ("web", "Bucket", ("PublicAccessBlockConfiguration", "BlockPublicPolicy"), False),
    "QUEUES_KEEP_WHAT_FAILS": ("data", "FanOutQueue", ("RedrivePolicy",), None),
    "TABLES_ARE_ENCRYPTED": ("data", "Tickets", ("SSESpecification",), None),
    "ROLES_NAME_WHAT_THEY_MAY": (
        *("realtime", "ConnectRole"),
        ("Policies", 0, "PolicyDocument", "Statement", 0, "Resource"),
        ["*"],
    ),
    "STAGES_ARE_LOGGED_AND_THROTTLED": ("rest", "Stage", ("AccessLogSettings",), None),
    "DISTRIBUTIONS_WANT_TLS": (
        *("downloads", "MediaDistribution"),
        ("DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy"),
        "allow-all",
    ),
}
"""For each rule a resource, one of its properties, and a value that breaks the rule; None takes it away."""


def broken(sections: dict[str, Any]) -> list[str]:
    """The rules that a template breaks."""
    found = [report.Rule for report in run_checks(sections, RULES).not_compliant]
    return [rule.name for rule in found if rule is not None]


def test_templates_keep_the_house_rules(templates: dict[str, Template]) -> None:
    """None breaks one."""
    found = {name: broken(template.sections) for name, template in templates.items()}
    assert {name: rules for name, rules in found.items() if rules} == {}


@pytest.mark.parametrize("rule", NAMES)
def test_rule_sees_what_breaks_it(rule: str, templates: dict[str, Template]) -> None:
    """The same template with one property changed breaks this rule alone."""
    name, resource, path, value = BREACHES[rule]
    sections = copy.deepcopy(templates[name].sections)
    holder: Any = sections["Resources"][resource]["Properties"]
    for step in path[:-1]:
        holder = holder[step]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    assert broken(sections) == [rule]
