"""The functions: one an entry, each with a role that allows exactly what its code calls."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.function_rights import ALLOWED, FAN_OUT, LIMIT

if TYPE_CHECKING:
    from tests.stack.template import Template

HANDLERS = Path(__file__).parents[2] / "handlers"
ENTRIES = sorted(path.stem for path in HANDLERS.glob("*.py"))


def _functions(templates: dict[str, Template]) -> dict[str, tuple[Template, str, dict[str, Any]]]:
    """Every function by its entry, with its template, logical id and properties."""
    return {
        found["Properties"]["Handler"].removesuffix(".handler"): (template, name, found["Properties"])
        for template in templates.values()
        for name, found in template.of_type("AWS::Lambda::Function").items()
    }


def _statements(template: Template, function: str) -> list[dict[str, Any]]:
    """What a role says in any case; what it says where there are other regions is in test_regions.py."""
    policies = template.resources[f"{function}Role"]["Properties"].get("Policies", [])
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    return [statement for statement in statements if "Fn::If" not in statement]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _allowed(template: Template, function: str) -> set[str]:
    """What a role allows beside its logs, such as "PutItem Messages"."""
    allowed = set()
    for statement in _statements(template, function):
        assert statement["Effect"] == "Allow"
        if statement["Sid"] == "Logs":
            continue
        for action in _as_list(statement["Action"]):
            for resource in _as_list(statement["Resource"]):
                allowed.add(f"{action.removeprefix('dynamodb:')} {_name(resource)}")
    return allowed


def _name(resource: str | dict[str, str]) -> str:
    """A resource as the tests name it: a queue, a table, an index, files, a parameter, or connections."""
    if isinstance(resource, str):
        return resource
    if "Ref" in resource:
        return resource["Ref"].removesuffix("Arn")
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    arn = re.sub(r"\$\{(\w+)Table\}", r"\1", resource["Fn::Sub"])
    for service in ("s3:::${MediaBucket}/", ":parameter"):
        if service in arn:
            return str(arn.split(service)[1])
    if ":s3:::" in arn:
        return arn.partition("}/")[2]
    return arn.split("table/")[1] if "table/" in arn else arn.split("/", 2)[2]


def test_functions_are_the_entries(templates: dict[str, Template]) -> None:
    """Every entry in handlers/ is deployed by exactly one function, and there is no function without one."""
    deployed = [
        found["Properties"]["Handler"]
        for template in templates.values()
        for found in template.of_type("AWS::Lambda::Function").values()
    ]
    assert sorted(deployed) == [f"{entry}.handler" for entry in ENTRIES]
    assert sorted(ALLOWED) == ENTRIES


@pytest.mark.parametrize("entry", ENTRIES)
def test_function_runs_as_the_bundle_is_built(templates: dict[str, Template], entry: str) -> None:
    """What its code is, what it runs on, its limits and its logs are all named."""
    template, name, properties = _functions(templates)[entry]
    assert properties["Code"] == f"lambda/{entry}.zip"
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Layers"] == [{"Ref": "DependenciesLayer"}]
    assert properties["MemorySize"] == {"Ref": "FunctionMemory"}
    assert properties["Timeout"] in ({"Ref": "FunctionTimeout"}, {"Ref": "WorkerTimeout"})
    assert properties["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    group = template.resources[properties["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    assert group["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{properties['FunctionName']['Fn::Sub']}"
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_role_allows_exactly_what_the_function_calls(templates: dict[str, Template], entry: str) -> None:
    """One action more would be a hole, one less an outage."""
    template, name, _ = _functions(templates)[entry]
    assert _allowed(template, name) == ALLOWED[entry]


@pytest.mark.parametrize("entry", ENTRIES)
def test_role_writes_only_the_functions_own_logs(templates: dict[str, Template], entry: str) -> None:
    """No function can write into another's log."""
    template, name, _ = _functions(templates)[entry]
    logs = [statement for statement in _statements(template, name) if statement["Sid"] == "Logs"]
    assert [statement["Resource"] for statement in logs] == [{"Fn::GetAtt": [f"{name}Logs", "Arn"]}]
    assert logs[0]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


@pytest.mark.parametrize("entry", ENTRIES)
def test_function_is_told_exactly_the_tables_that_it_may_use(
    templates: dict[str, Template], entry: str
) -> None:
    """A table's name in the environment without a right to it, or the other way round, is a mistake."""
    template, name, properties = _functions(templates)[entry]
    told = {
        variable.removesuffix("_TABLE").title()
        for variable in properties["Environment"]["Variables"]
        if variable.endswith("_TABLE")
    }
    allowed = _allowed(template, name)
    tables = {permission for permission in allowed if ":" not in permission.split()[0]}
    assert told == {permission.split()[1].split("/")[0] for permission in tables}
    assert any(name.endswith("_LIMIT") for name in properties["Environment"]["Variables"]) == (
        LIMIT in allowed
    )
    assert ("FAN_OUT_QUEUE_URL" in properties["Environment"]["Variables"]) == (FAN_OUT in allowed)
    assert properties["Environment"]["Variables"]["LOG_LEVEL"] == {"Ref": "LogLevel"}


def test_no_statement_allows_everything(templates: dict[str, Template]) -> None:
    """A wildcard stands for the connections of one stage, or the files or secrets of one folder."""
    for template in templates.values():
        for name in template.of_type("AWS::IAM::Role"):
            for statement in _statements(template, name.removesuffix("Role")):
                assert "*" not in "".join(_as_list(statement["Action"]))
                if statement["Sid"] == "TrustedKeys":  # of which IAM knows no resources: see rules.guard
                    continue
                for resource in _as_list(statement["Resource"]):
                    text = re.sub(r"\}/exports/\*$", "", resource.get("Fn::Sub", ""))
                    text = re.sub(r"/@connections/\*$|\}/(uploads|media|push)(/avatars)?/\*$", "", text)
                    assert "*" not in text, f"{template.name}: {name}"
