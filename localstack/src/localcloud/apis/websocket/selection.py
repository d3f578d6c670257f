"""Which route a frame selects: the API's route selection expression on the JSON body."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from localcloud.apis.resources import Api, Route, Stage

_BODY_PATH = re.compile(r"^\$(\{)?request\.body\.(?P<path>[^}{$]+)(?(1)\})$")
# A client cannot invoke the routes that API Gateway itself invokes.
_LIFECYCLE_ROUTES = frozenset({"$connect", "$disconnect"})


def select_route(api: Api, stage: Stage, body: str) -> Route | None:
    """The stage's route that the frame's body selects, else ``$default``, else None."""
    routes = api.routes_of(stage)
    key = _selected_key(api.route_selection_expression, body)
    route = None if key is None or key in _LIFECYCLE_ROUTES else routes.get(key)
    return route or routes.get("$default")


def _selected_key(expression: str, body: str) -> str | None:
    path = _body_path(expression)
    if not path:
        return None
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):  # the latter: nested a thousand deep
        return None
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value if isinstance(value, str) else None


@functools.lru_cache(maxsize=64)
def _body_path(expression: str) -> tuple[str, ...]:
    """The names that lead to the selecting value in the body; none when the expression has another form."""
    match = _BODY_PATH.match(expression)
    return tuple(match["path"].split(".")) if match else ()
