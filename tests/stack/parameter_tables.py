"""Renders docs/parameters.md's tables from the templates; run as a module, it writes them into the document.

PYTHONPATH=. python -m tests.stack.parameter_tables
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.parameters import parameters_file, read_parameters
from tests.stack.parameter_effects import ALONE, ROOT, Effect
from tests.stack.template import Template, read_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "docs" / "parameters.md"
ENVIRONMENTS = ("dev", "staging", "prod")
_SECTION = re.compile(r"(?P<head><!-- table: (?P<name>\w+) -->\n).*?(?P<tail><!-- end -->)", re.DOTALL)
_HEADS = ["parameter", "takes", "default", "what it changes", "costs", "shown by"]


def rendered(document: str) -> str:
    """The document with every table as the templates have it."""
    return _SECTION.sub(lambda found: f"{found['head']}{_tables(found['name'])}{found['tail']}", document)


def groups(root: Template) -> dict[str, list[str]]:
    """The names of the root's parameters by their groups' labels, as CloudFormation's console shows them."""
    interface = root.sections["Metadata"]["AWS::CloudFormation::Interface"]
    return {group["Label"]["default"]: group["Parameters"] for group in interface["ParameterGroups"]}


def _tables(name: str) -> str:
    if name == "within":
        return _within()
    template = read_template(REPOSITORY / "stack" / f"{name}.yaml")
    if name != "root":
        return _table(template.parameters, ALONE[name], {})
    chosen = {each: read_parameters(parameters_file(each)) for each in ENVIRONMENTS}
    tables = []
    for label, members in groups(template).items():
        declared = {member: template.parameters[member] for member in members}
        tables.append(f"\n### {label}\n\n{_table(declared, ROOT, chosen)}")
    return "".join(tables) + "\n"


def _table(
    parameters: Mapping[str, Any], effects: Mapping[str, Effect], chosen: Mapping[str, Mapping[str, str]]
) -> str:
    rows = [
        [
            f"`{name}`",
            _takes(declared),
            "; ".join(_defaults(name, declared, chosen)),
            declared["Description"],
            effects[name].costs,
            "<br>".join(map(_link, effects[name].tests)),
        ]
        for name, declared in parameters.items()
    ]
    lines = [_HEADS, ["---"] * len(_HEADS), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _within() -> str:
    """What a nested template decides by itself: the parameters that no template gives it."""
    templates = {path.stem: read_template(path) for path in (REPOSITORY / "stack").glob("[!.]*.yaml")}
    rows: dict[tuple[str, ...], list[str]] = {}
    for parent in templates.values():
        for nested in parent.of_type("AWS::CloudFormation::Stack").values():
            name = nested["Properties"]["TemplateURL"].removesuffix(".yaml")
            for own in templates[name].parameters.keys() - nested["Properties"]["Parameters"].keys():
                declared = templates[name].parameters[own]
                row = (own, _takes(declared), _value(str(declared["Default"])), declared["Description"])
                rows.setdefault(row, []).append(name)
    lines = [
        f"| `{own}` | {', '.join(sorted(set(names)))} | {takes} | {default} | {description} |\n"
        for (own, takes, default, description), names in sorted(rows.items())
    ]
    return (
        "| parameter | of | takes | default | what it changes |\n| --- | --- | --- | --- | --- |\n"
        + "".join(lines)
    )


def _takes(declared: Mapping[str, Any]) -> str:
    """The values that a parameter allows, in words."""
    if "AllowedValues" in declared:
        return ", ".join(f"`{value}`" for value in declared["AllowedValues"])
    if "MinValue" in declared:
        least, most = declared["MinValue"], declared.get("MaxValue")
        return f"a number from {least:,}" + ("" if most is None else f" to {most:,}")
    return str(declared["ConstraintDescription"]).removeprefix("wants ")


def _defaults(
    name: str, declared: Mapping[str, Any], chosen: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """The template's default, then what the files of environments have in its place."""
    if "Default" not in declared:
        yield "none, it has to be given"
        return
    default = declared["Default"]
    yield _value(str(default))
    for environment, values in chosen.items():
        if values[name] != str(default):
            yield f"{environment} {_value(values[name])}"


def _value(value: str) -> str:
    return ", ".join(f"`{part}`" for part in value.split(",")) if value else "empty"


def _link(test: str) -> str:
    path, name = test.split("::")
    return f"[{name}](../{path})"


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text()))
