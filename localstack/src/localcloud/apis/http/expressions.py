"""Selection expressions over a request: ``$request.header.name``, ``$context.name`` and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from localcloud.apis.http.context import RequestContext
    from localcloud.interfaces import Request


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


def _of_request(kind: str, name: str, context: RequestContext) -> str:
    match kind:
        case "header":
            return header_value(context.forwarded, name)
        case "querystring":
            query = context.request.query_string.decode("latin-1")
            return ",".join(parse_qs(query, keep_blank_values=True).get(name, ()))
        case "path":
            parameters = context.match.path_parameters if context.match else {}
            return parameters.get(name, "") if name else context.raw_path
        case _:
            return ""


def header_value(request: Request, name: str) -> str:
    """All values of a header, in any case, joined by commas."""
    wanted = name.lower().encode("latin-1", "replace")
    return ",".join(value.decode("latin-1") for key, value in request.headers if key == wanted)
