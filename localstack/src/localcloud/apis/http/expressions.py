"""Selection expressions over a request: ``$request.header.name``, ``$context.name`` and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.interfaces import Headers


def selected(expression: str, context: RequestContext) -> str:
    """What an expression selects of a request; empty where that is missing.

    Several values of one header or parameter are joined by commas.
    """
    place, _, name = expression.partition(".")
    if place == "$request":
        kind, _, name = name.partition(".")
        return _of_request(kind, name, context)
    if place == "$context":
        return context.variables().get(name, "")
    if place == "$stageVariables":
        return context.stage.stage_variables.get(name, "")
    return ""


def header_value(headers: Headers, name: str) -> str:
    """All values of a header, in any case, joined by commas."""
    wanted = name.lower().encode("latin-1", "replace")
    return ",".join(value.decode("latin-1") for key, value in headers if key == wanted)


def of_json(body: bytes, path: str) -> str:
    """What members, divided by dots, lead to in a JSON body: its text, or its JSON where it is none.

    An empty path is the whole body; a member that is missing is empty.
    """
    if not path:
        return body.decode("utf-8", "replace")
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return ""
    for member in path.split("."):
        if not isinstance(found, dict) or member not in found:
            return ""
        found = found[member]
    return found if isinstance(found, str) else msgspec.json.encode(found).decode()


def _of_request(kind: str, name: str, context: RequestContext) -> str:
    match kind:
        case "header":
            return header_value(context.forwarded.headers, name)
        case "querystring":
            query = context.request.query_string.decode("latin-1")
            return ",".join(parse_qs(query, keep_blank_values=True).get(name, ()))
        case "path":
            parameters = context.match.path_parameters if context.match else {}
            return parameters.get(name, "") if name else context.raw_path
        case "body":
            return of_json(context.request.body, name)
        case _:
            return ""
