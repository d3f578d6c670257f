"""Parameter mapping: what an integration changes of a request before it sees it, and of its own response.

Keys are ``append:header.name``, ``overwrite:querystring.name``, ``remove:header.name``, ``overwrite:path``,
``overwrite:statuscode`` and their like; values are text with selection expressions.
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from localcloud.apis.http.expressions import header_value, of_json, selected
from localcloud.interfaces import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud.apis.http.context import RequestContext
    from localcloud.interfaces import Headers, Request

    Select = Callable[[str], str]

_EMBEDDED = re.compile(r"\$\{([^}]+)\}")


def mapped_request(context: RequestContext, parameters: Mapping[str, str]) -> Request:
    """The request as the integration is to see it."""
    select = functools.partial(selected, context=context)
    request = context.forwarded
    query = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    changed = _changed(query, _of_place(parameters, "querystring", select))
    return replace(
        request,
        headers=_changed_headers(request.headers, parameters, select),
        query_string=request.query_string if changed == query else urlencode(changed).encode("ascii"),
    )


def mapped_path(context: RequestContext, parameters: Mapping[str, str]) -> str:
    """The path that an HTTP integration is to be called with; empty where it stays."""
    path = parameters.get("overwrite:path", "")
    return _filled(path, functools.partial(selected, context=context))


def mapped_response(
    response: Response, context: RequestContext, by_status: Mapping[str, Mapping[str, Any]]
) -> Response:
    """The integration's response as the client is to see it: by the parameters of its status."""
    parameters = _spelled(by_status.get(str(response.status), {}))
    if not parameters:
        return response

    def select(expression: str) -> str:
        place, _, name = expression.partition(".")
        if place != "$response":
            return selected(expression, context)
        kind, _, name = name.partition(".")
        return header_value(response.headers, name) if kind == "header" else of_json(response.body, name)

    status = _filled(parameters.get("overwrite:statuscode", ""), select)
    headers = _changed_headers(response.headers, parameters, select)
    return Response(int(status) if status.isdecimal() else response.status, headers, response.body)


def _spelled(parameters: Mapping[str, Any]) -> Mapping[str, str]:
    """As the API spells them; a template lists pairs of ``Destination`` and ``Source``."""
    listed = parameters.get("ResponseParameters")
    if not isinstance(listed, list):
        return parameters
    return {pair["Destination"]: pair["Source"] for pair in listed}


def _changed_headers(headers: Headers, parameters: Mapping[str, str], select: Select) -> Headers:
    changes = [
        (action, name.lower(), value) for action, name, value in _of_place(parameters, "header", select)
    ]
    if not changes:
        return headers
    texts = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    changed = _changed(texts, changes)
    return tuple((name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in changed)


def _of_place(parameters: Mapping[str, str], place: str, select: Select) -> list[tuple[str, str, str]]:
    """The action, the name and the new value of each parameter of ``header`` or ``querystring``."""
    changes = []
    for key, value in parameters.items():
        action, _, target = key.partition(":")
        kind, _, name = target.partition(".")
        if kind == place and name:
            changes.append((action, name, _filled(value, select)))
    return changes


def _changed(
    pairs: Sequence[tuple[str, str]], changes: Sequence[tuple[str, str, str]]
) -> list[tuple[str, str]]:
    result = list(pairs)
    for action, name, value in changes:
        if action != "append":
            result = [pair for pair in result if pair[0] != name]
        if action != "remove":
            result.append((name, value))
    return result


def _filled(text: str, select: Select) -> str:
    """A value: one expression, or text with expressions in ``${...}``."""
    if text.startswith("$") and not text.startswith("${"):
        return select(text)
    return _EMBEDDED.sub(lambda found: select(f"${found[1]}"), text)
