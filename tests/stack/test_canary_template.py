"""The canary: there only where it is wanted, and run by itself only where it is scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.template import Template


def test_canary_is_off_unless_a_parameter_says_otherwise(templates: dict[str, Template]) -> None:
    """Its role may set passwords: nobody has it who did not ask for it."""
    root = templates["root"]
    assert root.parameters["Canary"]["Default"] == "disabled"
    assert root.resources["Synthetics"]["Condition"] == "HasCanary"
    assert templates["auth"].sections["Conditions"]["HasCanary"] == root.sections["Conditions"]["HasCanary"]


def test_canary_runs_by_itself_only_where_it_is_scheduled(templates: dict[str, Template]) -> None:
    """Elsewhere it waits to be invoked, and no alarm takes its silence for death."""
    rule = templates["canary"].resources["Schedule"]["Properties"]
    assert rule["State"] == {"Fn::If": ["IsScheduled", "ENABLED", "DISABLED"]}
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    alarms = templates["alarms"]
    assert alarms.resources["CanaryFailures"]["Condition"] == "HasCanary"
    assert alarms.sections["Conditions"]["HasCanary"] == {"Fn::Equals": [{"Ref": "Canary"}, "scheduled"]}
