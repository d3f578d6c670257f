"""The AppSpec of a deployment of Lambda: which alias goes from which version to which.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-example.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec


class InvalidAppSpecError(ValueError):
    """The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """An alias that is to go from one version to another."""

    function: str
    alias: str
    current_version: str
    target_version: str

    def app_spec(self) -> str:
        """The AppSpec that says so."""
        properties = {
            "Name": self.function,
            "Alias": self.alias,
            "CurrentVersion": self.current_version,
            "TargetVersion": self.target_version,
        }
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        return json.dumps({"version": 0.0, "Resources": [{self.function: resource}]})


class _Properties(msgspec.Struct, frozen=True, rename="pascal"):
    name: str
    alias: str
    current_version: str | int  # YAML reads a bare one as a number
    target_version: str | int


class _Resource(msgspec.Struct, frozen=True, rename="pascal"):
    type: str
    properties: _Properties


class _AppSpec(msgspec.Struct, frozen=True):
    resources: list[dict[str, _Resource]] = msgspec.field(name="Resources")
    hooks: list[dict[str, str]] = msgspec.field(name="Hooks", default_factory=list)


def parse_app_spec(content: str) -> Shift:
    """The one shift of an AppSpec in JSON or YAML.

    Raises:
        InvalidAppSpecError: it is none, of another platform, of several functions, or has hooks.
    """
    try:
        found = msgspec.yaml.decode(content, type=_AppSpec, strict=False)
    except (msgspec.DecodeError, ValueError) as fault:
        raise InvalidAppSpecError(f"The AppSpec is not one of Lambda: {fault}") from fault
    resources = [each for entry in found.resources for each in entry.values()]
    if len(resources) != 1 or resources[0].type != "AWS::Lambda::Function":
        raise InvalidAppSpecError("The AppSpec is to have one resource of the type AWS::Lambda::Function.")
    if found.hooks:
        raise InvalidAppSpecError("Hooks are not run here: leave them out of the AppSpec.")
    one = resources[0].properties
    return Shift(one.name, one.alias, str(one.current_version), str(one.target_version))
