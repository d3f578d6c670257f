"""The metrics that alarms and dashboards name, and what of the stack their dimensions may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.stack.template import Template

NAMED_BY = {
    "FunctionName": ("AWS::Lambda::Function", "FunctionName"),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
}
"""The dimensions whose values follow the stack's name: the type of resource, and the property that is it."""
REFERRED_BY = {
    "ApiId": "AWS::ApiGatewayV2::Api",
    "TableName": "AWS::DynamoDB::",  # global or not
    "DistributionId": "AWS::CloudFront::Distribution",
    "BucketName": "AWS::S3::Bucket",
    "UserPool": "AWS::Cognito::UserPool",
    "UserPoolClient": "AWS::Cognito::UserPoolClient",
}
"""The dimensions whose values are given to the template: the type of resource that they name."""
CONSTANT = {"Region", "Rule", "Code", "Operation", "StorageType"}
STACK = {"Stack", "WebACL"}
"""The dimensions whose value is the stack's name."""


def alarm_metrics(alarm: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The namespace, name and dimensions of each metric that an alarm watches."""
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    for metric in stats or [alarm]:
        dimensions = {found["Name"]: found["Value"] for found in metric["Dimensions"]}
        yield metric["Namespace"], metric["MetricName"], dimensions


def names_of(templates: Mapping[str, Template], dimension: str) -> set[str]:
    """Every value that a dimension may have, with `${NamePrefix}` where the stack's name stands."""
    kind, property_ = NAMED_BY[dimension]
    return {
        resource["Properties"][property_]["Fn::Sub"]
        for template in templates.values()
        for resource in template.of_type(kind).values()
    }


def outputs_of(templates: Mapping[str, Template], kind: str) -> set[tuple[str, str]]:
    """The template and name of each output that is a resource of a type."""
    return {
        (template.name, name)
        for template in templates.values()
        for name, output in template.outputs.items()
        if template.resources.get(_referred(output["Value"]), {"Type": ""})["Type"].startswith(kind)
    }


def given(templates: Mapping[str, Template], nested: str, parameter: str) -> tuple[str, str]:
    """The template and output that the root gives a nested template's parameter, where it has its own."""
    value = templates["root"].resources[nested]["Properties"]["Parameters"][parameter]
    stack, attribute = (value["Fn::If"][1] if "Fn::If" in value else value)["Fn::GetAtt"]
    return stack.lower(), attribute.removeprefix("Outputs.")


def _referred(value: Any) -> str:
    """The resource that an output's value is, also where a condition chooses another in its place."""
    chosen = value["Fn::If"][1] if "Fn::If" in value else value
    return str(chosen.get("Ref")) if isinstance(chosen, dict) else ""
