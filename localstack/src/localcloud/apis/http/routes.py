"""Which route of an HTTP API a request takes: AWS's priorities over the route keys."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.resources import Api, Route, Stage

_PARAMETER = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and the values of its path parameters, decoded."""

    route: Route
    path_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A route key as it is compared with requests."""

    route: Route
    method: str
    path: re.Pattern[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, route: Route) -> _Pattern:
        method, _, path = route.route_key.partition(" ")
        expression = ""
        names = []
        last = 0
        for parameter in _PARAMETER.finditer(path):
            names.append(parameter[1])
            expression += re.escape(path[last : parameter.start()]) + ("(.+)" if parameter[2] else "([^/]+)")
            last = parameter.end()
        return cls(route, method, re.compile(expression + re.escape(path[last:])), tuple(names))

    @property
    def priority(self) -> tuple[bool, int, bool]:
        """Sorts the most specific first: full matches before greedy ones, literals, a method before ANY."""
        segments = self.route.route_key.partition(" ")[2].split("/")
        greedy = any(segment.endswith("+}") for segment in segments)
        literals = sum(not segment.startswith("{") for segment in segments)
        return (greedy, -literals, self.method == "ANY")


def match_route(api: Api, stage: Stage, method: str, raw_path: str) -> Match | None:
    """The route for a request, or None when no route, not even ``$default``, takes it.

    Args:
        api: the HTTP API.
        stage: which of its stages.
        method: the request's method.
        raw_path: the path after the stage, percent-encoded; an encoded slash divides nothing.
    """
    for pattern in _patterns(api, stage.stage_name):
        if pattern.method in (method, "ANY") and (found := pattern.path.fullmatch(raw_path)):
            values = (unquote(value) for value in found.groups())
            return Match(pattern.route, dict(zip(pattern.names, values, strict=True)))
    default = api.routes_of(stage).get("$default")
    return Match(default, {}) if default else None


@functools.lru_cache(maxsize=64)
def _patterns(api: Api, stage_name: str) -> tuple[_Pattern, ...]:
    routes = api.stages[stage_name].routes
    patterns = [_Pattern.of(route) for key, route in routes.items() if key != "$default"]
    return tuple(sorted(patterns, key=lambda pattern: pattern.priority))
