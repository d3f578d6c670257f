"""The dashboard shows metrics that exist, and the saved queries ask logs that exist."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chat.metrics import NAMESPACE, Metric
from tests.stack.observed import CONSTANT, NAMED_BY, REFERRED_BY, STACK, given, names_of, outputs_of

if TYPE_CHECKING:
    from tests.stack.template import Template

Widgets = list[dict[str, Any]]
GRID = 24


@pytest.fixture
def widgets(templates: dict[str, Template]) -> Widgets:
    """The dashboard's body, parsed as CloudWatch parses it; references stand where they are."""
    body = templates["dashboard"].resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    parsed: Widgets = json.loads(body)["widgets"]
    return parsed


def metrics_of(widgets: Widgets) -> list[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of each metric on the dashboard."""
    found = []
    for widget in widgets:
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], str):
                namespace, name, *rest = (part for part in metric if isinstance(part, str))
                found.append((namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))))
    return found


def test_dashboard_shows_metrics_whose_dimensions_are_the_stacks(
    templates: dict[str, Template], widgets: Widgets
) -> None:
    """A misspelt one would be an empty chart for ever."""
    metrics = metrics_of(widgets)
    assert len(metrics) > 100
    for _, name, dimensions in metrics:
        assert dimensions, name
        for dimension, value in dimensions.items():
            if dimension in NAMED_BY:
                assert value in names_of(templates, dimension)
            elif dimension in REFERRED_BY:
                source = given(templates, "Dashboard", value.removeprefix("${").removesuffix("}"))
                assert source in outputs_of(templates, REFERRED_BY[dimension])
            elif dimension in STACK:
                assert value == "${NamePrefix}"
            else:
                assert dimension in CONSTANT


def test_dashboard_shows_every_metric_of_the_chat_and_of_each_service(widgets: Widgets) -> None:
    """Nothing is measured that nobody can see."""
    metrics = metrics_of(widgets)
    own = {name for namespace, name, _ in metrics if namespace == NAMESPACE}
    assert own == {metric.value[0] for metric in Metric}
    assert {namespace.removeprefix("AWS/") for namespace, _, _ in metrics} - {NAMESPACE} == {
        *("Lambda", "ApiGateway", "DynamoDB", "SQS", "S3", "CloudFront", "Cognito", "WAFV2")
    }


def test_dashboard_asks_for_metrics_in_the_region_that_has_them(widgets: Widgets) -> None:
    """CloudFront and its firewall publish in one alone."""
    for widget in widgets:
        namespaces = {namespace for namespace, _, _ in metrics_of([widget])}
        if namespaces:
            is_global = bool(namespaces & {"AWS/CloudFront", "AWS/WAFV2"})
            assert widget["properties"]["region"] == ("us-east-1" if is_global else "${AWS::Region}")


def test_dashboard_widgets_stand_side_by_side(widgets: Widgets) -> None:
    """None covers another, and none is cut off."""
    taken: set[tuple[int, int]] = set()
    for widget in widgets:
        assert widget["x"] + widget["width"] <= GRID
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not taken & cells
        taken |= cells


def test_dashboard_is_there_unless_monitoring_is_turned_off(templates: dict[str, Template]) -> None:
    """It costs three dollars a month; saved queries cost nothing."""
    root = templates["root"]
    assert root.resources["Dashboard"]["Condition"] == "HasMonitoring"
    assert "Condition" not in root.resources["Queries"]


def test_saved_queries_name_log_groups_of_the_stack_and_members_of_its_lines(
    templates: dict[str, Template],
) -> None:
    """A group that is not there fails the query; a member that is not there finds nothing."""
    groups = {
        group["Properties"]["LogGroupName"]["Fn::Sub"]
        for template in templates.values()
        for group in template.of_type("AWS::Logs::LogGroup").values()
    }
    queries = templates["queries"].of_type("AWS::Logs::QueryDefinition")
    assert len(queries) == 5
    for query in queries.values():
        properties = query["Properties"]
        assert properties["Name"]["Fn::Sub"].startswith("${NamePrefix}/")
        assert {group["Fn::Sub"] for group in properties.get("LogGroupNames", [])} <= groups
    asked = queries["SlowestSends"]["Properties"]["QueryString"]
    assert all(metric.value[0] in asked for metric in (Metric.SEND_DURATION, Metric.MESSAGES_SENT))
