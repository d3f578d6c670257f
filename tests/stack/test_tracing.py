"""Traces: one parameter turns them on for every function, and lets its role send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.template import Template

POLICY = "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"


def test_tracing_is_turned_on_for_every_function_by_one_parameter(templates: dict[str, Template]) -> None:
    """A function that is left out would break the trace of whoever calls it."""
    root = templates["root"]
    assert root.parameters["Tracing"]["Default"] == "PassThrough"
    nested = {
        found["Properties"]["TemplateURL"]: found
        for found in root.of_type("AWS::CloudFormation::Stack").values()
    }
    for template in templates.values():
        if f"{template.name}.yaml" not in nested or not template.of_type("AWS::Lambda::Function"):
            continue
        given = nested[f"{template.name}.yaml"]["Properties"]["Parameters"]
        assert given["Tracing"] == {"Ref": "Tracing"}
        for function in template.of_type("AWS::Lambda::Function").values():
            assert function["Properties"]["TracingConfig"] == {"Mode": {"Ref": "Tracing"}}


def test_role_may_send_traces_only_where_they_are_on(templates: dict[str, Template]) -> None:
    """X-Ray knows no resources, so the right to write to it is AWS's own policy."""
    for template in templates.values():
        for function in template.of_type("AWS::Lambda::Function").values():
            if "TracingConfig" not in function["Properties"]:
                continue
            role = template.resources[function["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
            condition, policies, nothing = role["ManagedPolicyArns"]["Fn::If"]
            assert (condition, nothing) == ("IsTraced", {"Ref": "AWS::NoValue"})
            assert policies == [{"Fn::Sub": POLICY}]
        if "IsTraced" in template.sections.get("Conditions", {}):
            traced = template.sections["Conditions"]["IsTraced"]
            assert traced == {"Fn::Equals": [{"Ref": "Tracing"}, "Active"]}
