"""TypeScript of the frames and bodies, for frontend/src/protocol/types.ts, from the same schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs import asyncapi, openapi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specs.schemas import Schema

_HEAD = """\
// What stands in frames and bodies. Written by `nox -s specs` from handlers/chat/protocol/; do not edit.
"""
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def document(version: str) -> str:
    """The module: an interface a type, and the unions of all frames that either side sends."""
    frames = asyncapi.document(version)["components"]["schemas"]
    types = {**openapi.document(version)["components"]["schemas"], **frames}
    interfaces = [_interface(name, schema) for name, schema in sorted(types.items())]
    unions = [
        _union("ClientFrame", "What a client sends.", _tagged(frames, "action")),
        _union("ServerFrame", "What the service sends.", _tagged(frames, "type")),
    ]
    return "\n".join([_HEAD, *interfaces, *unions])


def _interface(name: str, schema: Schema) -> str:
    required = set(schema.get("required", ()))
    fields = "".join(
        f"  readonly {field}{'' if field in required else '?'}: {_type(value)};\n"
        for field, value in schema.get("properties", {}).items()
    )
    body = f"export interface {name} {{\n{fields}}}\n" if fields else f"export type {name} = object;\n"
    return f"/** {schema['description']} */\n{body}" if "description" in schema else body


def _type(schema: Schema) -> str:
    """A schema as a type of TypeScript; one of a kind that the protocol never had raises KeyError."""
    match schema:
        case {"$ref": str(reference)}:
            return reference.rpartition("/")[2]
        case {"enum": list(values)}:
            return " | ".join(f'"{value}"' for value in values)
        case {"anyOf": list(choices)}:
            return " | ".join(_type(choice) for choice in choices)
        case {"type": "array", "items": dict(items)}:
            inner = _type(items)
            return f"readonly ({inner})[]" if "|" in inner else f"readonly {inner}[]"
        case {"type": "object", "additionalProperties": dict(value)}:
            return f"Readonly<Record<string, {_type(value)}>>"
        case _:
            return _PLAIN[schema["type"]]


def _tagged(schemas: dict[str, Schema], tag: str) -> Iterable[str]:
    """The types that the field `tag` tells apart."""
    return sorted(name for name, schema in schemas.items() if "enum" in schema["properties"].get(tag, {}))


def _union(name: str, about: str, members: Iterable[str]) -> str:
    return (
        f"/** {about} */\nexport type {name} =\n"
        + "".join(f"  | {member}\n" for member in members)[:-1]
        + ";\n"
    )
