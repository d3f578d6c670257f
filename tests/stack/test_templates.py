"""What every template has in common, and what the root promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

if TYPE_CHECKING:
    from tests.stack.template import Template

SECTIONS = [
    "AWSTemplateFormatVersion",
    "Description",
    "Transform",
    "Metadata",
    "Parameters",
    "Rules",
    "Conditions",
    "Resources",
    "Outputs",
]
REPOSITORY = Path(__file__).parents[2]
PARAMS = REPOSITORY / "stack" / "params"


def test_template_sections_stand_in_one_order(templates: dict[str, Template]) -> None:
    """A reader finds the same thing at the same place in every template."""
    for template in templates.values():
        assert list(template.sections) == [name for name in SECTIONS if name in template.sections]


def test_template_parameters_and_outputs_are_described(templates: dict[str, Template]) -> None:
    """No parameter and no output goes without a sentence on what it is."""
    for template in templates.values():
        for name, declared in (template.parameters | template.outputs).items():
            assert declared.get("Description"), f"{template.name}: {name} has no description"


def test_template_parameters_are_bounded(templates: dict[str, Template]) -> None:
    """A parameter takes no value that cannot work: it lists its values, has a pattern, or has a range."""
    for template in templates.values():
        for name, declared in template.parameters.items():
            bounded = {"AllowedValues", "AllowedPattern", "MinValue"} & declared.keys()
            assert bounded or declared["Type"] == "CommaDelimitedList", f"{template.name}: {name}"


def test_root_nests_every_other_template_with_exactly_its_parameters(templates: dict[str, Template]) -> None:
    """Nothing is nested that is not there, and nothing that a nested template asks for is missing."""
    nested = templates["root"].of_type("AWS::CloudFormation::Stack")
    assert sorted(found["Properties"]["TemplateURL"] for found in nested.values()) == [
        f"{name}.yaml" for name in sorted(templates.keys() - {"root", "alias"})
    ]
    of_functions = [templates[name].of_type("AWS::CloudFormation::Stack") for name in ("realtime", "rest")]
    for found in [stack for stacks in (nested, *of_functions) for stack in stacks.values()]:
        declared = templates[found["Properties"]["TemplateURL"].removesuffix(".yaml")].parameters
        given = found["Properties"]["Parameters"].keys()
        required = {name for name, parameter in declared.items() if "Default" not in parameter}
        assert required <= given <= declared.keys()


def test_root_reads_only_outputs_that_exist(templates: dict[str, Template]) -> None:
    """Each GetAtt of a nested stack's output names one that its template has."""

    def getatts(value: object) -> list[list[str]]:
        if isinstance(value, dict):
            own = [value["Fn::GetAtt"]] if "Fn::GetAtt" in value else []
            return own + [found for inner in value.values() for found in getatts(inner)]
        if isinstance(value, list):
            return [found for inner in value for found in getatts(inner)]
        return []

    read = [found for found in getatts(templates["root"].sections) if found[1].startswith("Outputs.")]
    assert read
    for nested, attribute in read:
        assert attribute.removeprefix("Outputs.") in templates[nested.lower()].outputs


def test_root_outputs_are_those_that_clients_read(templates: dict[str, Template]) -> None:
    """The stack's outputs are a contract."""
    assert list(templates["root"].outputs) == [
        "WebSocketUrl",
        "HttpApiUrl",
        "WebUrl",
        "UserPoolId",
        "UserPoolClientId",
        "PasswordLength",
        "Mfa",
        "SignInUrl",
        "SignInClientId",
        "SignInProviders",
        "RegionalWebSocketUrl",
        "RegionalHttpApiUrl",
        "Connections",
        "Files",
        "Region",
    ]


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_params_name_every_parameter_of_the_root(templates: dict[str, Template], environment: str) -> None:
    """An environment's file decides every parameter, with a value that the parameter allows."""
    pairs = msgspec.json.decode((PARAMS / f"{environment}.json").read_bytes(), type=list[str])
    values = dict(pair.split("=", 1) for pair in pairs)
    declared = templates["root"].parameters
    assert values.keys() == declared.keys()
    assert values["Environment"] == environment
    for name, value in values.items():
        allowed = declared[name].get("AllowedValues")
        assert allowed is None or value in map(str, allowed), name


def test_params_of_prod_leave_password_sign_in_off() -> None:
    """Only SRP signs in where real users are."""
    assert "PasswordSignIn=disabled" in msgspec.json.decode((PARAMS / "prod.json").read_bytes())


def test_list_of_resources_names_every_type_of_the_templates(
    templates: dict[str, Template], alone: dict[str, Template]
) -> None:
    """Who asks what is deployed reads it in docs/operations.md, and finds no type there that is not."""
    document = (REPOSITORY / "docs" / "operations.md").read_text()
    section = document.partition("## What is in the stack\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+::\w+)`", section))
    types = {
        resource["Type"].removeprefix("AWS::")
        for template in (templates | alone).values()
        for resource in template.resources.values()
    }
    assert named == types
