"""The list of parameters, docs/parameters.md: whole, as the templates have it, and proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.stack.parameter_effects import ALONE, ROOT
from tests.stack.parameter_tables import DOCUMENT, groups, rendered

if TYPE_CHECKING:
    from tests.stack.template import Template

RENDER = "PYTHONPATH=. python -m tests.stack.parameter_tables"


def test_parameters_document_is_as_the_templates_have_it() -> None:
    """Names, values, defaults and descriptions stand in the templates alone."""
    document = DOCUMENT.read_text()
    assert rendered(document) == document, f"Render it anew: {RENDER}"


def test_every_parameter_has_tests_of_its_effect(
    templates: dict[str, Template], alone: dict[str, Template]
) -> None:
    """Of the root, and of each template that is deployed by itself; and the document has a table of each."""
    assert ROOT.keys() == templates["root"].parameters.keys(), "tests/stack/parameter_effects.py"
    assert ALONE.keys() == alone.keys() | {"certificate", "webacl"}
    for name, effects in ALONE.items():
        assert effects.keys() == (templates | alone)[name].parameters.keys(), name
        assert f"<!-- table: {name} -->" in DOCUMENT.read_text()
    assert all(effect.tests for effects in (ROOT, *ALONE.values()) for effect in effects.values())


def test_console_asks_for_every_parameter_in_a_group(templates: dict[str, Template]) -> None:
    """Each once: the console shows what is in no group at the end, without a heading."""
    grouped = [name for members in groups(templates["root"]).values() for name in members]
    assert sorted(grouped) == sorted(templates["root"].parameters)


def test_pattern_of_a_parameter_is_told_in_words(
    templates: dict[str, Template], alone: dict[str, Template]
) -> None:
    """Who gives a value that is refused reads what is wanted, and not a regular expression."""
    for name in ("root", *ALONE):
        for parameter, declared in (templates | alone)[name].parameters.items():
            words = declared.get("ConstraintDescription", "")
            assert "AllowedPattern" not in declared or words.startswith("wants "), f"{name}: {parameter}"
