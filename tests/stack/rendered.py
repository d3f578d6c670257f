"""What CloudFormation makes of the templates by some parameters: conditions decided, functions resolved.

What only a deployment knows stands as a text in angle brackets: ``<Data.Messages>`` is what a Ref of the
table gives, ``<Data.Messages.Arn>`` an attribute of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.stack.template import Template

    Render = Callable[..., "Rendered"]
    """Renders the whole stack by some parameters of the root."""

NAME, REGION, ACCOUNT = "parley", "us-east-1", "111122223333"
_NOTHING = object()
"""What a Ref of AWS::NoValue gives."""
_PSEUDO: dict[str, Any] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": _NOTHING,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": NAME,
    "AWS::URLSuffix": "amazonaws.com",
}
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class RefusedError(Exception):
    """A rule of the template does not let these parameters be deployed; says what the rule says."""


def rendered(
    templates: Mapping[str, Template], *, stack_name: str = NAME, region: str = REGION, **parameters: object
) -> Rendered:
    """The whole stack by these parameters of the root, and its defaults; of prod unless they say otherwise.

    Raises:
        RefusedError: a rule of the root does not allow them.
    """
    given = _texts({"Environment": "prod", **parameters})
    pseudo = {**_PSEUDO, "AWS::StackName": stack_name, "AWS::Region": region}
    stack = _Stack(templates, templates["root"], given, pseudo)
    stack.refuse_by_rules()
    return Rendered(stack.everything(), stack.outputs())


def rendered_alone(template: Template, **parameters: object) -> Rendered:
    """A template that nests no other, deployed by itself."""
    stack = _Stack({}, template, _texts(parameters), _PSEUDO)
    return Rendered(stack.everything(), stack.outputs())


def _texts(parameters: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items()}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The stack as it would be deployed."""

    resources: dict[str, dict[str, Any]]
    """Of all nested stacks too, by logical id: ``Rest.Stage`` is in the nested stack ``Rest``."""
    outputs: dict[str, Any]
    """The root's."""

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The properties of a resource."""
        return dict(self.resources[logical_id]["Properties"])

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a type by logical id."""
        return {
            name: found.get("Properties", {})
            for name, found in self.resources.items()
            if found["Type"] == kind
        }

    def changes_to(self, other: Rendered) -> dict[str, tuple[Any, Any]]:
        """The value here and there of each leaf that is not the same, such as ``Rest.Stage.Properties.Name``.

        Parameters of nested stacks are left out: what they bring about is looked at instead.
        """
        mine, others = (dict(_leaves(stack.resources)) for stack in (self, other))
        return {
            path: (mine.get(path), others.get(path))
            for path in sorted(mine.keys() | others.keys())
            if mine.get(path) != others.get(path)
        }


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    members: Iterable[tuple[str, object]]
    if isinstance(value, dict):
        members = value.items() if value.get("Type") != "AWS::CloudFormation::Stack" else ()
    elif isinstance(value, list):
        members = ((str(index), member) for index, member in enumerate(value))
    else:
        yield path, value
        return
    for name, member in members:
        yield from _leaves(member, f"{path}.{name}" if path else name)


@dataclass(frozen=True)
class _Stack:
    """One template by its parameters."""

    templates: Mapping[str, Template]
    template: Template
    given: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    prefix: str = ""
    nested: dict[str, _Stack] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The values of all parameters, as texts."""
        declared = self.template.parameters
        unknown = self.given.keys() - declared.keys()
        assert not unknown, f"{self.template.name}.yaml has no {', '.join(sorted(unknown))}"
        return {
            name: self.given[name] if name in self.given else str(parameter["Default"])
            for name, parameter in declared.items()
        }

    def refuse_by_rules(self) -> None:
        """Raise RefusedError where a rule's assertion does not hold."""
        for rule in self.template.sections.get("Rules", {}).values():
            if not self._resolved(rule.get("RuleCondition", True)):
                continue
            for assertion in rule["Assertions"]:
                if not self._resolved(assertion["Assert"]):
                    raise RefusedError(assertion["AssertDescription"])

    def everything(self) -> dict[str, dict[str, Any]]:
        """The resources of this stack and of those in it."""
        found = {}
        for name, resource in self.template.resources.items():
            if not self._holds(resource):
                continue
            found[self.prefix + name] = self._resolved(
                {key: value for key, value in resource.items() if key != "Condition"}
            )
            if resource["Type"] == "AWS::CloudFormation::Stack":
                found |= self._nested(name).everything()
        return found

    def outputs(self) -> dict[str, Any]:
        """The values of the outputs."""
        return {
            name: self.output(name) for name, output in self.template.outputs.items() if self._holds(output)
        }

    def output(self, name: str) -> Any:
        """The value of one output."""
        return self._resolved(self.template.outputs[name]["Value"])

    def _holds(self, conditional: Mapping[str, Any]) -> bool:
        return "Condition" not in conditional or self._condition(conditional["Condition"])

    def _condition(self, name: str) -> bool:
        return bool(self._resolved(self.template.sections["Conditions"][name]))

    def _nested(self, name: str) -> _Stack:
        if name not in self.nested:
            properties = self.template.resources[name]["Properties"]
            template = self.templates[properties["TemplateURL"].removesuffix(".yaml")]
            given = self._resolved(properties.get("Parameters", {}))
            self.nested[name] = _Stack(self.templates, template, given, self.pseudo, f"{self.prefix}{name}.")
        return self.nested[name]

    def _resolved(self, value: Any) -> Any:
        """A value of the template, without functions."""
        if isinstance(value, list):
            return [found for member in value if (found := self._resolved(member)) is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if (
                name == "Ref"
                or name.startswith("Fn::")
                or (name == "Condition" and isinstance(argument, str))
            ):
                return self._call(name, argument)
        members = {key: self._resolved(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not _NOTHING}

    def _call(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self._reference(argument)
            case "Condition":
                return self._condition(argument)
            case "Fn::GetAtt":
                return self._attribute(*argument)
            case "Fn::Sub":
                return self._substituted(argument)
            case "Fn::If":
                condition, yes, no = argument
                return self._resolved(yes if self._condition(condition) else no)
            case _:
                return _computed(function, self._resolved(argument))

    def _reference(self, name: str) -> Any:
        if name in self.pseudo:
            return self.pseudo[name]
        if name not in self.template.parameters:
            return f"<{self.prefix}{name}>"
        value = self.parameters[name]
        return value.split(",") if self.template.parameters[name]["Type"] == "CommaDelimitedList" else value

    def _attribute(self, name: str, attribute: str) -> Any:
        if attribute.startswith("Outputs."):
            return self._nested(name).output(attribute.removeprefix("Outputs."))
        return f"<{self.prefix}{name}.{attribute}>"

    def _substituted(self, text: Any) -> str:
        template, variables = (text, {}) if isinstance(text, str) else text

        def value(found: re.Match[str]) -> str:
            literally, name = found.groups()
            if literally:
                return f"${{{name}}}"
            if name in variables:
                return str(self._resolved(variables[name]))
            resource, _, attribute = name.partition(".")
            return str(self._attribute(resource, attribute) if attribute else self._reference(name))

        return _VARIABLE.sub(value, template)


def _computed(function: str, arguments: Any) -> Any:
    """What a function of values alone gives."""
    match function:
        case "Fn::Equals":
            return str(arguments[0]) == str(arguments[1])
        case "Fn::Not":
            return not arguments[0]
        case "Fn::And":
            return all(arguments)
        case "Fn::Join":
            return arguments[0].join(map(str, arguments[1]))
        case "Fn::Split":
            return arguments[1].split(arguments[0])
        case "Fn::Select":
            return arguments[1][int(arguments[0])]
        case _:
            raise NotImplementedError(function)
