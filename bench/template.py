"""What bare MiniStack is spared of the stack's templates: resources of types that it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from awscli.customizations.cloudformation.yamlhelper import (  # type: ignore[import-untyped]
    yaml_dump,
    yaml_parse,
)

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN_TYPES: Final = frozenset(
    {
        "AWS::ApiGatewayV2::RouteResponse",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::Logs::QueryDefinition",
        "AWS::SecretsManager::RotationSchedule",
    }
)
"""Types that MiniStack 1.5.33 rejects a template for.

Nothing is lost by leaving these out there: it sends every integration's body to the client, whether or not
there is a route response.
"""


STOOD_IN_FOR: Final = frozenset({"Custom::SigningKeys"})
"""Types that it cannot make, and that others refer to: a resource that is but a name takes their place.

What is lost are the signatures of downloads, which no message needs.
"""
_STAND_IN: Final = {"Type": "AWS::IAM::User"}  # a name of letters, digits and hyphens, as parameters want


def without_unknown_types(template: str) -> tuple[str, list[str]]:
    """Leave the resources of unknown types out of a template.

    Returns:
        The template, unchanged to the byte where nothing was left out, and ``logical id (type)`` of what was.
    """
    parsed: dict[str, Any] = yaml_parse(template)
    resources = parsed["Resources"]
    unknown = UNKNOWN_TYPES | STOOD_IN_FOR
    left_out = {name: one["Type"] for name, one in resources.items() if one["Type"] in unknown}
    if not left_out:
        return template, []
    for name, type_ in left_out.items():
        if type_ in STOOD_IN_FOR:
            resources[name] = dict(_STAND_IN)
        else:
            del resources[name]
    return yaml_dump(parsed), [f"{name} ({type_})" for name, type_ in left_out.items()]


def transform(folder: Path) -> list[str]:
    """Do so to each template of a bundle, in place; gives ``template: logical id (type)`` of each loss."""
    said = []
    for path in sorted(folder.glob("[!.]*.yaml")):
        template, left_out = without_unknown_types(path.read_text())
        if left_out:
            path.write_text(template)
            said += [f"{path.name}: {what}" for what in left_out]
    return said
