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
    if isinstance(value, dict):
        return {
            key: inner.replace(r"\Z", "$") if key == "pattern" else _portable(inner)
            for key, inner in value.items()
        }
    return [_portable(inner) for inner in value] if isinstance(value, list) else value
