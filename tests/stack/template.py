"""Reads a CloudFormation template into the sections that the tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Template:
    """One template; its short-form functions stand as {"Ref": ...} and {"Fn::...": ...}."""

    name: str
    sections: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by their names."""
        return self.sections.get("Parameters", {})

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs by their names."""
        return self.sections.get("Outputs", {})

    @property
    def resources(self) -> dict[str, Any]:
        """The resources by their logical ids."""
        return self.sections["Resources"]

    def of_type(self, kind: str) -> dict[str, Any]:
        """The resources of a type by their logical ids."""
        return {name: found for name, found in self.resources.items() if found["Type"] == kind}


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms; libyaml reads it ten times as fast."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    key = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {key: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


def read_template(path: Path) -> Template:
    """Read a template's file."""
    return Template(path.stem, yaml.load(path.read_text(), _Loader))  # noqa: S506 - a SafeLoader
