"""JSON Schemas of the wire's types, as both documents name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

REFERENCE = "#/components/schemas/{name}"

Schema = dict[str, Any]


def schemas(types: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    r"""The schema of each type, and those that they refer to, by name.

    A pattern's end is written as JSON Schema's regular expressions have it: Python's ``\Z`` is ``$`` there.
    """
    named, components = msgspec.json.schema_components(list(types), ref_template=REFERENCE)
    return [_portable(schema) for schema in named], {
        name: _portable(schema) for name, schema in sorted(components.items())
    }


def _portable(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    match value:
        case {"description": str(text), **rest}:
            return {"description": " ".join(text.split()), **_portable(rest)}
        case {"pattern": str(pattern), **rest}:
            return {"pattern": pattern.replace(r"\Z", "$"), **_portable(rest)}
        case dict():
            return {key: _portable(inner) for key, inner in value.items()}
        case list():
            return [_portable(inner) for inner in value]
        case _:
            return value
