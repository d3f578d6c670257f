"""Gradual deployments: which functions have an alias, what makes a version, and what takes a shift back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stack.template import Template

STACK = "AWS::CloudFormation::Stack"
APIS = ("realtime", "rest")
NOBODY_WAITS = {"disconnect", "fan-out"}
"""Functions that chatting needs, and whose end no user waits for."""
NAMED_BY_THE_STACK = {
    *("ChatsTable", "MessagesTable", "ConnectionsTable", "UsersTable", "TicketsTable", "LimitsTable"),
    *("MediaBucket", "FanOutQueueUrl", "DependenciesLayer", "NamePrefix", "Release"),
}
"""What changes with a release; table names, also with ExistingTables, all of them at once."""


def _aliases(templates: dict[str, Template]) -> Iterator[tuple[Template, str, dict[str, Any]]]:
    """Each function with an alias: its template, its logical id, the nested stack's parameters."""
    for name in APIS:
        for nested in templates[name].of_type(STACK).values():
            assert nested["Properties"]["TemplateURL"] == "alias.yaml"
            assert nested["Condition"] == "IsGradual"
            parameters = nested["Properties"]["Parameters"]
            yield templates[name], parameters["FunctionName"]["Ref"], parameters


def _references(value: Any) -> set[str]:
    """The names that a value refers to by Ref and Sub."""
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    found = _references(list(value.values()))
    if "Ref" in value:
        found.add(value["Ref"])
    if "Fn::Sub" in value:
        text = value["Fn::Sub"][0] if isinstance(value["Fn::Sub"], list) else value["Fn::Sub"]
        found |= set(re.findall(r"\$\{(\w+)\}", text))
    return found


def test_functions_that_every_chat_waits_for_have_an_alias(templates: dict[str, Template]) -> None:
    """They are those whose errors turn an alarm: a shift that nothing can stop would protect nobody."""
    alarm = templates["alarms"].resources["FunctionErrors"]["Properties"]
    watched = {
        metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Fn::Sub"].removeprefix("${NamePrefix}-")
        for metric in alarm["Metrics"]
        if "MetricStat" in metric
    }
    behind = {
        template.resources[name]["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${NamePrefix}-")
        for template, name, _ in _aliases(templates)
    }
    assert behind == watched - NOBODY_WAITS


def test_apis_invoke_the_alias_where_the_shift_is_gradual(templates: dict[str, Template]) -> None:
    """And the function itself where it is not, as if there were no aliases."""
    path = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    for template, function, parameters in _aliases(templates):
        assert parameters["ApiId"] == {"Ref": "Api"}
        uris = [
            resource["Properties"].get("IntegrationUri") or resource["Properties"].get("AuthorizerUri")
            for resource in template.resources.values()
        ]
        chosen = {
            "Fn::If": [
                "IsGradual",
                {"Fn::Sub": f"{path}${{{function}Live.Outputs.AliasArn}}/invocations"},
                {"Fn::Sub": f"{path}${{{function}.Arn}}/invocations"},
            ]
        }
        assert uris.count(chosen) == 1
        assert not any(uri != chosen and f"${{{function}.Arn}}" in str(uri) for uri in uris)


def test_version_is_made_by_a_release_and_by_each_setting_of_its_function(
    templates: dict[str, Template],
) -> None:
    """What a parameter changes in a function stands in its version's description, and nothing else does.

    With less, a change of the parameter alone would never reach the alias; with more, CloudFormation would
    publish a function that has not changed, which Lambda refuses.
    """
    for template, function, parameters in _aliases(templates):
        configured = template.resources[function]["Properties"]
        assert configured["Description"]["Fn::Sub"].endswith("${Release}")
        assert parameters["Release"] == {"Ref": "Release"}
        given = {name for name, each in template.parameters.items() if "Default" not in each}
        settings = (_references(configured) & given) - NAMED_BY_THE_STACK
        tables = _references(configured) & {name for name in NAMED_BY_THE_STACK if name.endswith("Table")}
        said = _references(parameters["Settings"]) - {"Origins"}
        assert said - tables == settings
        assert len(said & tables) == 1
    version = templates["alias"].resources["Version"]["Properties"]
    assert version["Description"] == {"Fn::Sub": "${Settings}${Release}"}


def test_alarms_that_take_a_shift_back_are_there(templates: dict[str, Template]) -> None:
    """An alarm that is not there would stop every shift."""
    group = templates["alias"].resources["DeploymentGroup"]["Properties"]
    named = {alarm["Name"]["Fn::Sub"] for alarm in group["AlarmConfiguration"]["Alarms"]}
    alarms = templates["alarms"].of_type("AWS::CloudWatch::Alarm").values()
    unconditional = {
        alarm["Properties"]["AlarmName"]["Fn::Sub"] for alarm in alarms if "Condition" not in alarm
    }
    assert named <= unconditional
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert templates["alias"].resources["Alias"]["UpdatePolicy"] == {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": {"Ref": "Application"},
            "DeploymentGroupName": {"Ref": "DeploymentGroup"},
        }
    }


def test_codedeploy_may_touch_these_aliases_and_read_these_alarms_alone(
    templates: dict[str, Template],
) -> None:
    """Its role names each of them."""
    role = templates["codedeploy"].resources["Role"]["Properties"]
    named = {
        statement["Sid"]: {
            resource["Fn::Sub"].rpartition("${NamePrefix}-")[2] for resource in statement["Resource"]
        }
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]
    }
    functions = {
        template.resources[name]["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${NamePrefix}-")
        for template, name, _ in _aliases(templates)
    }
    group = templates["alias"].resources["DeploymentGroup"]["Properties"]
    assert named == {
        "Aliases": functions,
        "ProvisionedConcurrency": {f"{name}:live" for name in functions},
        "Alarms": {
            alarm["Name"]["Fn::Sub"].removeprefix("${NamePrefix}-")
            for alarm in group["AlarmConfiguration"]["Alarms"]
        },
    }


@pytest.mark.parametrize("name", APIS)
def test_without_a_gradual_shift_nothing_is_said_of_a_release(
    name: str, templates: dict[str, Template]
) -> None:
    """Then descriptions end as they always did, and a release alone changes nothing."""
    given = templates["root"].resources[name.title()]["Properties"]["Parameters"]
    assert given["Release"] == {"Fn::If": ["IsGradual", {"Fn::Sub": " - ${Release}"}, ""]}
    assert templates["root"].parameters["TrafficShift"]["Default"] == "AllAtOnce"
    assert templates["root"].resources["CodeDeploy"]["Condition"] == "IsGradual"


def test_root_refuses_half_a_gradual_shift(templates: dict[str, Template]) -> None:
    """It wants what makes versions, and the alarms that take one back."""
    rule = templates["root"].sections["Rules"]["GradualShiftIsWhole"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "TrafficShift"}, "AllAtOnce"]}]}
    assert [assertion["Assert"] for assertion in rule["Assertions"]] == [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "Release"}, ""]}]},
        {"Fn::Equals": [{"Ref": "Monitoring"}, "enabled"]},
    ]
